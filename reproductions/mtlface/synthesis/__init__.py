"""Face-age synthesis: MTLFace's generator, CAAE and IPCGAN, one training loop, and judges from outside."""
