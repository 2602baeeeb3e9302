"""The pages: server-rendered, readable without scripts, nothing fetched from elsewhere."""
