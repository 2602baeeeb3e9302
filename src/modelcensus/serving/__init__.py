"""What every HTTP face works with: an open census with what is kept between requests, and who a caller is."""
