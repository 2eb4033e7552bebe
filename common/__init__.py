"""The shared Keras library of the suite: knows no paper and no data set."""
