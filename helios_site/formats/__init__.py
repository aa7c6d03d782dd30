"""How dates are written where no template says it: the lists of the admin."""
