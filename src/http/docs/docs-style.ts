/** The only style sheet of the docs page; its hash is in the page's security policy. */
export const DOCS_STYLE = `
:root { color-scheme: light dark; --ink: #1d2129; --soft: #59616e; --paper: #fff; --shade: #f4f5f7;
  --line: #d9dde3; --accent: #0b5cad; --get: #0a6b3d; --post: #0b5cad; --put: #8a5200; --delete: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #a2abb8; --paper: #14171c; --shade: #1d2229;
  --line: #343b46; --accent: #7db8f5; --get: #6fd3a0; --post: #7db8f5; --put: #f0b968; --delete: #ff9d94; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem 1rem; }
.frame { display: grid; grid-template-columns: 16rem minmax(0, 1fr); max-width: 76rem; margin: 0 auto; }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 2rem 1rem 2rem 1.5rem;
  font-size: .9rem; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; }
nav li a { display: block; padding: .15rem 0; text-decoration: none; overflow-wrap: anywhere; }
nav li a:hover { text-decoration: underline; }
nav h2 { font-size: .75rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); margin: 1rem 0 .25rem; }
main { padding: 2rem 1.5rem 6rem; min-width: 0; }
h1 { font-size: 2rem; margin: 0 0 .5rem; line-height: 1.2; }
h2 { margin: 3rem 0 .25rem; }
.soft { color: var(--soft); }
article { border: 1px solid var(--line); border-radius: 10px; margin: 1rem 0; padding: 1rem 1.25rem; scroll-margin-top: 1rem; }
article h3 { margin: 0; font-size: 1rem; font-weight: 600; display: flex; flex-wrap: wrap; gap: .6rem; align-items: baseline; }
article h4 { margin: 1rem 0 .25rem; font-size: .85rem; color: var(--soft); }
article p { margin: .35rem 0; }
code, pre { font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--shade); border-radius: 8px; padding: .75rem 1rem; overflow: auto; margin: .4rem 0; }
.method { font: 700 .75rem/1.6 ui-monospace, monospace; border: 1px solid currentColor; border-radius: 5px; padding: 0 .45rem; }
.get { color: var(--get); } .post { color: var(--post); } .put, .patch { color: var(--put); } .delete { color: var(--delete); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: .35rem 0; font-size: .9rem; }
.scroll { overflow-x: auto; }
@media (max-width: 52rem) { .frame { display: block; } nav { position: static; max-height: none; padding-bottom: 0; } }
`;
