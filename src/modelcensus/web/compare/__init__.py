"""Up to six models side by side."""
