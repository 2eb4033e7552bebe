// The page's side of the worker.

/**
 * Start the worker and load all that it needs.
 *
 * @returns {known, answer, ages}: what networks.json says, what turns pixels of a canvas into faces, in a hurry with fewer
 *   views, and what takes a face, cut for it, to each age group.
 */
export async function start() {
  // A worker out of a blob is bound by the page's own security policy, on any host.
  const source = `import ${JSON.stringify(new URL("worker.js", import.meta.url).href)};`;
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(address, { type: "module" });
  const waiting = new Map();
  let count = 0;
  worker.addEventListener("message", ({ data: { number, found, problem } }) => {
    const { resolve, reject } = waiting.get(number);
    waiting.delete(number);
    if (problem === undefined) resolve(found);
    else reject(new Error(problem));
  });
  worker.addEventListener("error", (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message || "the worker has ended"));
    waiting.clear();
  });
  const ask = (work, given, moved = []) => new Promise((resolve, reject) => {
    waiting.set(++count, { resolve, reject });
    worker.postMessage({ number: count, work, given }, moved);
  });
  const known = await ask("load");
  URL.revokeObjectURL(address);
  return {
    known,
    answer: ({ width, height, data }, hurry = false) => ask("answer", { width, height, data, hurry }, [data.buffer]),
    ages: (face) => ask("ages", face),
  };
}
