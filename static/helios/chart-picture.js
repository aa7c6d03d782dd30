// A figure as a PNG file: what is seen, with its title, on the ground of the page. By way of an SVG
// in a data: address, because Plotly's own way needs images that the Content-Security-Policy forbids.
import { colour } from "./chart-look.js";

const SCALE = 2; // pixels to one of CSS
const HEAD = 36; // CSS px for the title

export async function savePicture(Plotly, pad, title) {
  const { width, height } = pad.getBoundingClientRect();
  const svg = await Plotly.toImage(pad, { format: "svg", imageDataOnly: true, width, height });
  const image = await loaded(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * SCALE, (height + HEAD) * SCALE];
  const pen = canvas.getContext("2d");
  pen.scale(SCALE, SCALE);
  pen.fillStyle = colour("--bg");
  pen.fillRect(0, 0, width, height + HEAD);
  pen.fillStyle = colour("--text");
  pen.font = "600 15px system-ui, sans-serif";
  pen.fillText(title, 12, 24, width - 24);
  pen.drawImage(image, 0, HEAD, width, height);
  const link = document.createElement("a");
  link.download = `helios-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")}.png`;
  link.href = canvas.toDataURL("image/png");
  link.click();
}

function loaded(address) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("the picture cannot be made"));
    image.src = address;
  });
}
