"""Films: read at their own times, the people in them followed and labelled, and written whole."""
