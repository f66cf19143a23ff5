"""The Zalo API on loopback: stateful, faulty on demand, and it counts how often each person was reached."""
