// RetinaFace (Deng et al., 2020) on MobileNet-0.25: its input, and its answers as faces.

import { roundHalfEven, shrink } from "./pixels.js";

/** Return the picture in which faces are looked for, and by how much it was shrunk, across and down. */
export function reduced(picture, first, side) {
  let small = picture;
  const scale = Math.min(1, first / Math.max(picture.width, picture.height));
  if (scale < 1) {
    const [width, height] = [roundHalfEven(picture.width * scale), roundHalfEven(picture.height * scale)];
    small = shrink(picture, width, height, [1 / scale, 1 / scale]);
  }
  const further = Math.min(1, side / Math.max(small.width, small.height));
  const width = Math.max(1, roundHalfEven(small.width * further));
  const height = Math.max(1, roundHalfEven(small.height * further));
  const stretch = [small.width / width, small.height / height];
  return { small: further < 1 ? shrink(small, width, height) : small, stretch, scale };
}

/** Return what the network takes: (3, H, W), blue, green, red, less their means. */
export function planes({ width, height, data }, mean) {
  const area = width * height;
  const found = new Float32Array(3 * area);
  for (let at = 0; at < area; at++) {
    for (let c = 0; c < 3; c++) found[c * area + at] = data[3 * at + 2 - c] - mean[c];
  }
  return found;
}

/**
 * Return the faces of a picture, left to right, in its own pixels: {box, landmarks, score}.
 *
 * @param answers {offsets (P, 4), probabilities (P, 2), landmarks (P, 10)}, flat.
 * @param seen what `reduced` returned.
 * @param settings threshold, overlap, priors and variances.
 */
export function decoded(answers, seen, settings) {
  const found = [];
  let place = 0;
  for (const [stride, sides] of settings.priors) {
    for (let y = 0; y < Math.ceil(seen.small.height / stride); y++) {
      for (let x = 0; x < Math.ceil(seen.small.width / stride); x++) {
        for (const side of sides) {
          const score = answers.probabilities[2 * place + 1];
          if (score >= settings.threshold) {
            found.push(one(answers, place, (x + 0.5) * stride, (y + 0.5) * stride, side, score, settings));
          }
          place++;
        }
      }
    }
  }
  // The network counts from the edge of the first pixel, the landmarks of a face from its centre.
  const own = (value, axis) => (value * seen.stretch[axis]) / seen.scale - 0.5;
  return merged(found, settings.overlap)
    .map(({ box, landmarks, score }) => ({
      box: box.map((value, n) => own(value, n % 2)),
      landmarks: landmarks.map((point) => point.map(own)),
      score,
    }))
    .filter(({ landmarks }) => spansPlane(landmarks))
    .sort((a, b) => a.box[0] + a.box[2] - b.box[0] - b.box[2]);
}

function one({ offsets, landmarks }, place, x, y, side, score, { centre, size }) {
  const [middle, half] = [[x, y].map((value, n) => value + centre * offsets[4 * place + n] * side),
    [2, 3].map((n) => (side * Math.exp(size * offsets[4 * place + n])) / 2)];
  return {
    box: [middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1]],
    landmarks: [0, 1, 2, 3, 4].map((n) => [
      x + centre * landmarks[10 * place + 2 * n] * side,
      y + centre * landmarks[10 * place + 2 * n + 1] * side,
    ]),
    score,
  };
}

// The best box takes all that overlap with it; box and landmarks are the means of theirs, weighted by score.
function merged(candidates, overlap) {
  let left = [...candidates].sort((a, b) => b.score - a.score);
  const faces = [];
  while (left.length) {
    const best = left[0];
    const same = left.filter((other) => other === best || shared(best.box, other.box) >= overlap);
    left = left.filter((other) => !same.includes(other));
    const total = same.reduce((sum, other) => sum + other.score, 0);
    const mean = (get) => same.reduce((sum, other) => sum + other.score * get(other), 0) / total;
    faces.push({
      box: best.box.map((_, n) => mean((other) => other.box[n])),
      landmarks: best.landmarks.map((point, n) => point.map((_, axis) => mean((other) => other.landmarks[n][axis]))),
      score: best.score,
    });
  }
  return faces;
}

// Intersection over union of two boxes.
function shared(a, b) {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = (box) => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(a) + area(b) - width * height);
}

// Landmarks on (nearly) one line are a failed detection: the ratio of their spreads, the singular values.
function spansPlane(points) {
  const mean = [0, 1].map((n) => points.reduce((sum, point) => sum + point[n], 0) / points.length);
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of points) {
    const [p, q] = [x - mean[0], y - mean[1]];
    [xx, xy, yy] = [xx + p * p, xy + p * q, yy + q * q];
  }
  const root = Math.hypot((xx - yy) / 2, xy);
  const [long, short] = [(xx + yy) / 2 + root, (xx + yy) / 2 - root];
  return Number.isFinite(long) && Math.sqrt(Math.max(short, 0)) > 0.05 * Math.sqrt(long);
}
