"""Training: Keras' own `fit`, on one replica or several, that a kill at any moment does not change."""
