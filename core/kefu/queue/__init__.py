"""The repair queue: what needs repair, who repairs it, and whether it helped."""
