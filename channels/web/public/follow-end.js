/** Nearer to the end than this, in pixels, one reads what comes. */
const NEAR_END = 160;

/**
 * Keeps the end of a scrolling element in view while its reader is there, however tall what comes is and
 * whatever takes room from it: a banner, a keyboard. Who scrolled up is left where they read.
 */
export function followEnd(log) {
  let isFollowing = true;
  const keep = () => {
    if (isFollowing) log.scrollTop = log.scrollHeight;
  };
  log.addEventListener('scroll', () => {
    isFollowing = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
  });
  new ResizeObserver(keep).observe(log);
  return {
    keep,
    goThere() {
      isFollowing = true;
      keep();
    },
  };
}
