"""Staff: who may do what in the console, and how they prove who they are; it knows no page and no cookie."""
