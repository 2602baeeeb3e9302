"""Changes as a stream, and to webhooks."""
