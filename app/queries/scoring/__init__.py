"""Rules in force and before; what scores depend on."""
