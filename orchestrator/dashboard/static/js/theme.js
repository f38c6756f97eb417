/* Runs before anything is drawn, so that a dark page never flashes white. Not a module: those wait. */
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => { try { return localStorage.getItem("nightshift-theme"); } catch { return null; } };
  const apply = () => {
    document.documentElement.dataset.theme = stored() ?? (dark.matches ? "dark" : "light");
    document.dispatchEvent(new Event("themechange"));
  };
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  document.addEventListener("themetoggle", () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("nightshift-theme", next); } catch { /* private windows may refuse: the system's choice stays */ }
    document.documentElement.dataset.theme = next;
    document.dispatchEvent(new Event("themechange"));
  });
  apply();
})();
