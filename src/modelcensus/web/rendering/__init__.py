"""How a page is made: templates, what they may use, style sheets and scripts, and pages of errors."""
