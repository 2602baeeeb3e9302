"""Plans and revisions: review, release, apply, reject, go back."""
