// Pictures on their way to a network, resampled as OpenCV does it for the Python side.
// A picture is {width, height, channels, data}, data row by row in 0 to 255; pixel centres are whole numbers.

const clampByte = (value) => {
  const near = Math.round(value);
  return near < 0 ? 0 : near > 255 ? 255 : near;
};

/** Round to the nearest whole number, halves to the even one. */
export function roundHalfEven(value) {
  const down = Math.floor(value);
  const rest = value - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
}

/** Return what a canvas holds, (H, W, 4), as a picture of three channels. */
export function fromCanvas(pixels) {
  const { width, height, data } = pixels;
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
  }
  return { width, height, channels: 3, data: rgb };
}

// For each pixel of a shrunk row: which pixels of the long row it covers, and by what share.
function coverage(long, short, step) {
  const cells = [];
  for (let place = 0; place < short; place++) {
    const [start, end] = [place * step, Math.min((place + 1) * step, long)];
    const [first, last] = [Math.floor(start + 1e-9), Math.min(Math.ceil(end - 1e-9), long)];
    const shares = [];
    for (let at = first; at < last; at++) {
      shares.push((Math.min(at + 1, end) - Math.max(at, start)) / (end - start));
    }
    cells.push({ first, shares });
  }
  return cells;
}

/**
 * Shrink a picture: each pixel is the mean of the area that it covers.
 *
 * @param step pixels of the picture that one pixel of the result covers, across and down.
 */
export function shrink(picture, width, height, step = [picture.width / width, picture.height / height]) {
  const { channels, data } = picture;
  const across = coverage(picture.width, width, step[0]);
  const down = coverage(picture.height, height, step[1]);
  const row = new Float64Array(width * channels);
  const found = new Uint8Array(width * height * channels);
  down.forEach(({ first, shares }, y) => {
    row.fill(0);
    shares.forEach((share, more) => {
      const line = (first + more) * picture.width * channels;
      for (let x = 0; x < width; x++) {
        const cell = across[x];
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          let at = line + cell.first * channels + c;
          for (const part of cell.shares) {
            sum += part * data[at];
            at += channels;
          }
          row[x * channels + c] += share * sum;
        }
      }
    });
    const start = y * width * channels;
    for (let at = 0; at < row.length; at++) found[start + at] = clampByte(row[at]);
  });
  return { width, height, channels, data: found };
}

// Reflect a place beyond an edge of a row about the centre of the outermost pixel.
function reflected(place, size) {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const inside = ((place % period) + period) % period;
  return inside < size ? inside : period - inside;
}

/**
 * Return the square picture whose pixel p shows where `matrix` takes p from, between pixels linearly.
 *
 * @param matrix [a, b, c, d, e, f]: pixel (x, y) of the result shows (a x + b y + c, d x + e y + f).
 * @param border "black", "reflect" or "replicate": what lies outside.
 */
export function warp(picture, matrix, size, border) {
  const { width, height, channels, data } = picture;
  const [a, b, c, d, e, f] = matrix;
  const found = new Uint8Array(size * size * channels);
  const inside = { reflect: reflected, replicate: (place, side) => Math.min(Math.max(place, 0), side - 1) }[border];
  const at = (x, y, channel) => {
    if (x < 0 || y < 0 || x >= width || y >= height) {
      if (!inside) return 0;
      x = inside(x, width);
      y = inside(y, height);
    }
    return data[(y * width + x) * channels + channel];
  };
  for (let y = 0, to = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [left, top] = [a * x + b * y + c, d * x + e * y + f];
      const [x0, y0] = [Math.floor(left), Math.floor(top)];
      const [u, v] = [left - x0, top - y0];
      for (let channel = 0; channel < channels; channel++, to++) {
        const upper = at(x0, y0, channel) * (1 - u) + at(x0 + 1, y0, channel) * u;
        const lower = at(x0, y0 + 1, channel) * (1 - u) + at(x0 + 1, y0 + 1, channel) * u;
        found[to] = clampByte(upper * (1 - v) + lower * v);
      }
    }
  }
  return { width: size, height: size, channels, data: found };
}

/** Return the mirror image. */
export function mirrored(picture) {
  const { width, height, channels, data } = picture;
  const found = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [from, to] = [(y * width + x) * channels, (y * width + width - 1 - x) * channels];
      for (let c = 0; c < channels; c++) found[to + c] = data[from + c];
    }
  }
  return { width, height, channels, data: found };
}
