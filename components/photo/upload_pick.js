// Files from wherever people have them: dropped files and folders, nested ones too, a chosen folder, the camera roll.
// Gives [{file, path, root}]: `path` within what was dropped, `root` the folder that the browser lets us open again, if it does.
import { keepRoot } from "./upload_keep.js";

const hidden = (name) => name.startsWith(".") || name === "Thumbs.db" || name === "desktop.ini";

async function fromHandle(handle) {
  const root = await keepRoot(handle);
  const found = [];
  const walk = async (folder, path) => {
    for await (const child of folder.values()) {
      if (hidden(child.name)) continue;
      if (child.kind === "directory") await walk(child, `${path}/${child.name}`);
      else found.push({ file: await child.getFile(), path: `${path}/${child.name}`, root });
    }
  };
  await walk(handle, handle.name);
  return found;
}

async function fromEntry(entry, path = "") {
  if (hidden(entry.name)) return [];
  const here = `${path}${entry.name}`;
  if (entry.isFile) return [{ file: await new Promise((done, failed) => entry.file(done, failed)), path: here, root: "" }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const one of some) found.push(...(await fromEntry(one, `${here}/`)));
  }
}

// Of a drop. Everything is asked for before the first await: afterwards the browser has forgotten what was dropped.
export async function ofDrop(transfer) {
  const asked = [...(transfer.items || [])]
    .filter((item) => item.kind === "file")
    .map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile(), handle: item.getAsFileSystemHandle?.().catch(() => null) }));
  if (!asked.length) return ofList(transfer.files);
  const found = [];
  for (const { entry, file, handle } of asked) {
    const opened = entry?.isDirectory ? await handle : null;
    if (opened?.kind === "directory") found.push(...(await fromHandle(opened)));
    else if (entry?.isDirectory) found.push(...(await fromEntry(entry)));
    else if (file && !hidden(file.name)) found.push({ file, path: file.name, root: "" });
  }
  return found;
}

// Of a file field.
export const ofList = (files) => [...files].filter((file) => !hidden(file.name)).map((file) => ({ file, path: file.webkitRelativePath || file.name, root: "" }));

export const picksFolders = () => typeof window !== "undefined" && ("showDirectoryPicker" in window || "webkitdirectory" in document.createElement("input"));

// Of the browser's folder dialog; null when it has none, so that a file field is used.
export async function ofFolderDialog() {
  if (!window.showDirectoryPicker) return null;
  try {
    return await fromHandle(await window.showDirectoryPicker({ id: "photobank", mode: "read" }));
  } catch (error) {
    if (error.name === "AbortError") return [];
    throw error;
  }
}
