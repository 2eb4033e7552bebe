"""Faces in images: detecting them, aligning them to a named template, and drawing what was found."""
