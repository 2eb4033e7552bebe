"""Networks as ONNX files: run without TensorFlow, read into Keras, written from it."""
