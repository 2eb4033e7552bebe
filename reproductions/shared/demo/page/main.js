// The page: takes a photograph or the camera's pictures, and shows what the networks say of the faces.

import { comparison } from "./compare.js";
import { drawBoxes, genderInWords, inWords, list } from "./faces.js";
import { start } from "./networks.js";

const MOST_PIXELS = 16e6; // what the canvas of a telephone holds
const CAMERA = { audio: false, video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } } };
const element = (name) => document.getElementById(name);
const [drop, file, camera, status, result, picture, video, rows] =
  ["drop", "file", "camera", "status", "result", "picture", "video", "faces"].map(element);
const brush = picture.getContext("2d", { willReadFrequently: true });

export let networks;
let compared = { show() {}, toggle: () => null };
let stream = null;
let turn = 0; // counts what was asked, so that a late answer to something older is dropped

function say(text, wrong = false) {
  status.textContent = text;
  status.classList.toggle("wrong", wrong);
}

function draw(source, width, height) {
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
  picture.width = Math.max(1, Math.round(width * scale));
  picture.height = Math.max(1, Math.round(height * scale));
  // Transparent pixels are laid over white.
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, picture.width, picture.height);
  brush.drawImage(source, 0, 0, picture.width, picture.height);
  return brush.getImageData(0, 0, picture.width, picture.height);
}

function show(faces) {
  drawBoxes(picture, faces);
  list(rows, faces, compared.toggle, networks.ages);
  compared.show(faces);
  const told = faces.map(({ age }) => inWords(age)[0]).join(", ");
  picture.setAttribute("aria-label", faces.length ? `The picture with a box around each face: ${told}` : "The picture");
}

async function answerFile(given) {
  await stopCamera();
  const mine = ++turn;
  const began = performance.now();
  say("Looking for faces …");
  let bitmap;
  try {
    bitmap = await createImageBitmap(given, { imageOrientation: "from-image", colorSpaceConversion: "none" });
  } catch {
    say(`${given.name || "That"} cannot be read as a picture: save it as JPEG or PNG and try again.`, true);
    return;
  }
  if (mine !== turn) return;
  const pixels = draw(bitmap, bitmap.width, bitmap.height);
  bitmap.close();
  rows.replaceChildren();
  compared.show([]);
  result.hidden = false;
  try {
    const faces = await networks.answer(pixels);
    if (mine !== turn) return;
    show(faces);
    const took = ((performance.now() - began) / 1000).toFixed(1);
    const told = faces.map(inShort).join("; ");
    if (!faces.length) say("No face is found: try a picture in which a face is larger, brighter or less turned.", true);
    else say(`${faces.length === 1 ? "1 face" : `${faces.length} faces, left to right`}: ${told} (${took} s)`);
  } catch (error) {
    say(`The networks failed (${error.message}): load the page again.`, true);
  }
}

function inShort({ age, gender }) {
  return [...inWords(age), ...(gender ? [genderInWords(gender)] : [])].join(", ");
}

async function startCamera() {
  const mine = ++turn;
  say("Asking for the camera …");
  try {
    const given = await navigator.mediaDevices.getUserMedia(CAMERA);
    if (mine !== turn) {
      given.getTracks().forEach((track) => track.stop());
      return;
    }
    stream = given;
  } catch (error) {
    const why = error.name === "NotAllowedError" ? "it is not allowed to this page" : "there is none";
    say(`The camera cannot be used: ${why}. Choose a photograph in its place.`, true);
    return;
  }
  camera.textContent = "Stop the camera";
  camera.setAttribute("aria-pressed", "true");
  video.srcObject = stream;
  await video.play();
  result.hidden = false;
  say("The camera is on; nothing of it is kept. A photograph is looked at more closely.");
  look(mine);
}

async function look(mine) {
  const stage = document.createElement("canvas");
  const hidden = stage.getContext("2d", { willReadFrequently: true });
  let [count, began] = [0, performance.now()];
  while (stream && mine === turn) {
    [stage.width, stage.height] = [video.videoWidth, video.videoHeight];
    hidden.drawImage(video, 0, 0);
    const pixels = hidden.getImageData(0, 0, stage.width, stage.height);
    const faces = await networks.answer(pixels, true).catch(() => null);
    if (!stream || mine !== turn) return;
    if (!faces) {
      await stopCamera();
      say("The networks failed: load the page again.", true);
      return;
    }
    draw(stage, stage.width, stage.height);
    show(faces);
    count++;
    result.dataset.rate = ((1000 * count) / (performance.now() - began)).toFixed(2);
    if (count >= 20) [count, began] = [0, performance.now()];
    await new Promise((next) => requestAnimationFrame(next));
  }
}

async function stopCamera() {
  if (!stream) return;
  stream.getTracks().forEach((track) => track.stop());
  stream = null;
  turn++;
  video.srcObject = null;
  camera.textContent = "Use the camera";
  camera.setAttribute("aria-pressed", "false");
  say("The camera is off.");
}

function take(files) {
  const given = [...(files ?? [])][0];
  if (given && networks) answerFile(given);
}

function fillLimits({ networks: { age, gender, recognition }, detector, much }) {
  const { errors, level } = age.calibration;
  const faces = errors.reduce((sum, one) => sum + one.faces, 0);
  const mean = errors.reduce((sum, one) => sum + one.faces * one.error, 0) / faces;
  element("error").textContent = `On ${faces} photographs that its calibration was fitted to it is off by ` +
    `${mean.toFixed(1)} years in the mean; where that is more than ${much} years, the answer says so.`;
  element("level").textContent = `${Math.round(100 * level)}% of`;
  if (age.found_by !== detector.name) {
    element("detector").textContent = ` It was fitted to faces that ${age.found_by} found; here ${detector.name} finds them.`;
  }
  element("gender").hidden = !gender;
  element("matches").hidden = !recognition;
  if (recognition) {
    element("rate").textContent = `from a cosine of ${recognition.threshold.toFixed(2)} on, which ` +
      `${(100 * recognition.false_match_rate).toFixed(0)}% of the pairs of two people reach`;
  }
  element("errors").replaceChildren(...errors.map((one) => {
    const line = document.createElement("tr");
    for (const text of [`${one.first} to ${one.last}`, one.error.toFixed(1), one.faces]) line.insertCell().textContent = text;
    return line;
  }));
}

file.addEventListener("change", () => {
  take(file.files);
  file.value = "";
});
camera.addEventListener("click", () => (stream ? stopCamera() : startCamera()));
document.addEventListener("paste", (event) => take(event.clipboardData.files));
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
document.addEventListener("dragleave", () => drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take(event.dataTransfer.files);
});

drop.classList.add("waiting");
try {
  networks = await start();
  fillLimits(networks.known);
  const { recognition } = networks.known.networks;
  if (recognition) compared = comparison(element("likeness"), recognition);
  drop.classList.remove("waiting");
  file.disabled = false;
  camera.disabled = !navigator.mediaDevices;
  say("Ready.");
  document.documentElement.dataset.ready = "yes";
} catch (error) {
  say(`The networks cannot be loaded (${error.message}): load the page again, or in a browser of this year.`, true);
}
