"""What is frozen: runs on the disk, their shards of people, their schedule, their digest."""
