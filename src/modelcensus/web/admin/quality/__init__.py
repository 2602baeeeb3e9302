"""What is wrong with the data, source by source."""
