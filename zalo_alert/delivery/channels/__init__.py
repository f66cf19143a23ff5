"""How one message leaves: one protocol, and a tower of small channels."""
