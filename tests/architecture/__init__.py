"""The house's rules, held by checks that read the source or load it in a fresh process."""
