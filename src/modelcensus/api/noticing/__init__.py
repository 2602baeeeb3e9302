"""What people were told, over HTTP."""
