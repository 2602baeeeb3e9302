"""Clocks outside of this program that start its work: crontab, systemd, GitHub, Kubernetes, Vercel."""
