"""Networks as ONNX files, which answer without TensorFlow."""
