"""The face that other mail servers meet: what comes back is taken over SMTP or LMTP; it never sends."""
