"""Who looks at a page: signing in and out, what they may do, and forms that only our own pages can send."""
