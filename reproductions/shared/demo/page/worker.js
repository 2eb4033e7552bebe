// Runs the networks beside the page, so that the page stays alive: "load" once, then "answer" to pictures, and
// "ages" of faces.

import * as ort from "./ort/ort.wasm.min.mjs";
import { aged } from "./ages.js";
import { align, views } from "./alignment.js";
import { decoded, planes, reduced } from "./detector.js";
import { gendered } from "./genders.js";
import { fromCanvas, shrink } from "./pixels.js";

const at = (name) => new URL(name, import.meta.url).href;
const sessions = {};
let known;

async function load() {
  ort.env.wasm.wasmPaths = { mjs: at("ort/ort-wasm-simd-threaded.mjs"), wasm: at("ort/ort-wasm-simd-threaded.wasm") };
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency || 1, 4) : 1;
  known = await (await fetch(at("networks.json"))).json();
  const files = { detector: known.detector.file };
  for (const [name, { file }] of Object.entries(known.networks)) files[name] = file;
  for (const [name, file] of Object.entries(files)) {
    const answer = await fetch(at(file));
    if (!answer.ok) throw new Error(`${file} is not beside the page`);
    sessions[name] = await ort.InferenceSession.create(new Uint8Array(await answer.arrayBuffer()));
  }
  // The first run of a network is slow: it is done before anybody waits for it.
  await answer({ width: 64, height: 64, data: new Uint8ClampedArray(4 * 64 * 64) }, true);
  return known;
}

/** Return the faces; where the picture seems to show a group or nobody, and there is time, looked for closer. */
async function find(picture, hurry) {
  const { side, closer, group } = known.detector;
  const faces = await looked(picture, side);
  const largest = Math.max(0, ...faces.map(({ box }) => box[2] - box[0]));
  const portrait = faces.length === 1 && largest >= group * Math.min(picture.width, picture.height);
  if (hurry || portrait) return faces;
  const nearer = await looked(picture, closer);
  return nearer.length ? nearer : faces;
}

async function looked(picture, side) {
  const { first, mean, outputs } = known.detector;
  const seen = reduced(picture, first, side);
  const { width, height } = seen.small;
  const input = new ort.Tensor("float32", planes(seen.small, mean), [1, 3, height, width]);
  const said = await sessions.detector.run({ [sessions.detector.inputNames[0]]: input });
  const [offsets, probabilities, landmarks] = outputs.map((name) => said[name].data);
  return decoded({ offsets, probabilities, landmarks }, seen, known.detector);
}

/** Return the outputs of a network for a face, averaged over its views; in a hurry over those of no zoom. */
async function averaged(name, face, hurry) {
  const { input, across = 1 } = known.networks[name];
  const several = views(face, hurry ? { ...input, zooms: [1] } : input, across);
  const size = face.data.length;
  const batch = new Uint8Array(several.length * size);
  several.forEach((view, n) => batch.set(view.data, n * size));
  const session = sessions[name];
  const tensor = new ort.Tensor("uint8", batch, [several.length, face.height, face.width, 3]);
  const said = (await session.run({ [session.inputNames[0]]: tensor }))[session.outputNames[0]];
  const length = said.data.length / several.length;
  return Array.from({ length }, (_, k) => {
    let sum = 0;
    for (let n = 0; n < several.length; n++) sum += said.data[n * length + k];
    return sum / several.length;
  });
}

async function answer(pixels, warming = false) {
  const picture = fromCanvas(pixels);
  const faces = await find(picture, pixels.hurry);
  if (warming) faces.splice(0, faces.length, { landmarks: [[20, 20], [44, 20], [32, 32], [22, 44], [42, 44]] });
  const { age, gender, recognition, synthesis } = known.networks;
  for (const face of faces) {
    face.crop = align(picture, face.landmarks, age.input.points, age.input.size);
    face.age = aged(await averaged("age", face.crop, pixels.hurry), age.calibration, known.much);
    if (gender) {
      const { size } = gender.input;
      // One cut serves both.
      const small = size === face.crop.width ? face.crop : shrink(face.crop, size, size);
      face.gender = gendered(await averaged("gender", small, pixels.hurry), gender);
    }
    if (recognition && !pixels.hurry) {
      const { points, size } = recognition.input;
      face.embedding = unit(await averaged("recognition", align(picture, face.landmarks, points, size, recognition.border)));
    }
    if (synthesis && !pixels.hurry) {
      const { points, size } = synthesis.input;
      face.ageable = align(picture, face.landmarks, points, size, synthesis.border);
    }
  }
  return faces;
}

/** Return a face, cut out for the network of synthesis, at each age group, the youngest first. */
async function ages({ width, height, data }) {
  const session = sessions.synthesis;
  const tensor = new ort.Tensor("uint8", data, [1, height, width, 3]);
  const made = (await session.run({ [session.inputNames[0]]: tensor }))[session.outputNames[0]].data;
  const size = 3 * width * height;
  return known.networks.synthesis.groups.map((group, n) => ({
    group, width, height, data: Uint8ClampedArray.from(made.subarray(n * size, (n + 1) * size), (value) => 255 * value),
  }));
}

function unit(vector) {
  const length = Math.hypot(...vector);
  return vector.map((one) => one / length);
}

const WORK = { load, answer, ages };

self.addEventListener("message", async ({ data: { number, work, given } }) => {
  try {
    self.postMessage({ number, found: await WORK[work](given) });
  } catch (error) {
    self.postMessage({ number, problem: String(error?.message ?? error) });
  }
});
