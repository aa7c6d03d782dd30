// The description drawn by Redoc. Its bundle shows a picture of its makers from their server, and no
// option leaves it out: a picture of another host is not asked for.
const own = (address) => new URL(address, document.baseURI).origin === location.origin || address.startsWith("data:");
const { set, get } = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
Object.defineProperty(HTMLImageElement.prototype, "src", {
  get,
  set(address) {
    if (own(address)) set.call(this, address);
  },
});
const { setAttribute } = HTMLImageElement.prototype;
HTMLImageElement.prototype.setAttribute = function (name, value) {
  if (name !== "src" || own(value)) setAttribute.call(this, name, value);
};

const place = document.getElementById("redoc");
// The search of Redoc is a worker, which the policy does not let in; the browser's own finds as well.
Redoc.init(place.dataset.schema, { disableSearch: true, hideDownloadButton: true, nativeScrollbars: true }, place);
