"""Staff mails: what happened and concerns a person of the staff, told to each of them once."""
