// A library: it exports the interface `counting`, for components in any language.

export const counting = {
  summarise(text) {
    const words = text.split(/\s+/).filter((word) => word !== "");
    const longest = words.reduce((a, b) => (b.length > a.length ? b : a), "");
    return { words: words.length, longest };
  },
};
