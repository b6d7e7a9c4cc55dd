/** Within this distance of the end, in pixels, people are assumed to read new messages. */
const NEAR_END = 160;

/**
 * Keeps the end of a scrolling element in view while the reader is there, however tall new content is and
 * whatever takes space from it: a banner, a keyboard. A reader who scrolled up stays where they are.
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
