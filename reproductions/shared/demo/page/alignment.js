// Faces cut out by their five landmarks, and the views over which a network's answers are averaged.

import { mirrored, shrink, warp } from "./pixels.js";

/**
 * Return the similarity that takes `source` nearest to `target`, both [[x, y], ...]: Umeyama's least squares.
 *
 * @returns {a, b, x, y}: a point (p, q) goes to (a p - b q + x, b p + a q + y).
 */
export function similarity(source, target) {
  const mean = (points) => [0, 1].map((n) => points.reduce((sum, one) => sum + one[n], 0) / points.length);
  const [from, to] = [mean(source), mean(target)];
  let [real, imaginary, size] = [0, 0, 0];
  source.forEach((point, n) => {
    const [p, q] = [point[0] - from[0], point[1] - from[1]];
    const [r, s] = [target[n][0] - to[0], target[n][1] - to[1]];
    real += p * r + q * s;
    imaginary += p * s - q * r;
    size += p * p + q * q;
  });
  const [a, b] = [real / size, imaginary / size];
  return { a, b, x: to[0] - a * from[0] + b * from[1], y: to[1] - b * from[0] - a * from[1] };
}

/**
 * Cut a face out, turned, scaled and shifted so that its landmarks lie on the template's.
 *
 * @param points the template, in a unit square whose corners are the outer corners of the crop.
 * @param size side of the crop; where the face shrinks, each pixel is the mean of a grid of samples.
 * @param border "black", "reflect" or "replicate": what lies outside the picture.
 */
export function align(picture, landmarks, points, size, border = "black") {
  const target = points.map(([x, y]) => [x * size - 0.5, y * size - 0.5]);
  const { a, b, x, y } = similarity(landmarks, target);
  const samples = Math.max(1, Math.ceil(1 / Math.hypot(a, b) - 1e-6));
  const [fa, fb] = [a * samples, b * samples];
  const [fx, fy] = [x * samples + (samples - 1) / 2, y * samples + (samples - 1) / 2];
  const norm = fa * fa + fb * fb;
  const inverse = [
    fa / norm, fb / norm, -(fa * fx + fb * fy) / norm,
    -fb / norm, fa / norm, (fb * fx - fa * fy) / norm,
  ];
  const fine = warp(picture, inverse, size * samples, border);
  return samples === 1 ? fine : shrink(fine, size, size);
}

/** Return the views of an aligned face: enlarged by each zoom, each with its mirror image. */
export function views(face, { mirrored: both, zooms }, across) {
  return zooms.flatMap((zoom) => {
    const one = enlarged(face, zoom * across, zoom);
    return both ? [one, mirrored(one)] : [one];
  });
}

function enlarged(face, across, down) {
  if (across === 1 && down === 1) return face;
  const centre = (face.width - 1) / 2;
  const from = [1 / across, 0, centre - centre / across, 0, 1 / down, centre - centre / down];
  return warp(face, from, face.width, "reflect");
}
