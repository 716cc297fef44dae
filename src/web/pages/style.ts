/** The one style sheet. Colours are variables, so that the dark scheme is one block; every colour has a shape or a word beside it. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--text:#18212f;--soft:#566375;--line:#dde2e9;--grid:#e9edf2;--accent:#1558b0;
--ok:#18794e;--warn:#8f5b00;--breach:#b42318;--error:#8a1c7c;--unknown:#566375;--busy:#1558b0;
--ok-bg:#e6f4ec;--warn-bg:#fdf1d8;--breach-bg:#fde8e6;--error-bg:#f8e6f5;--unknown-bg:#eceff3;--busy-bg:#e5eefb;
--baseline:#c3cad4;--window:#1558b0;--noise:#dfe4ea}
@media (prefers-color-scheme:dark){:root{--bg:#10141a;--card:#191f28;--text:#e5e9ef;--soft:#9ba8b8;--line:#2c3541;--grid:#252d38;--accent:#82b4ff;
--ok:#5ecf98;--warn:#efb64a;--breach:#ff8b80;--error:#e79bdc;--unknown:#a3afbe;--busy:#82b4ff;
--ok-bg:#14301f;--warn-bg:#33270f;--breach-bg:#3b1b19;--error-bg:#341a30;--unknown-bg:#262e39;--busy-bg:#172a45;
--baseline:#465261;--window:#82b4ff;--noise:#2b343f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 Inter,system-ui,-apple-system,"Segoe UI",sans-serif;font-variant-numeric:tabular-nums}
a{color:var(--accent);text-underline-offset:2px;text-decoration-thickness:1px}
a:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
.wrap{max-width:1200px;margin:0 auto;padding:0 20px}
.top{background:var(--card);border-bottom:1px solid var(--line)}
.top .wrap{display:flex;flex-wrap:wrap;align-items:center;gap:4px 20px;min-height:52px;padding-top:8px;padding-bottom:8px}
.brand{font-weight:650;font-size:16px;color:inherit;text-decoration:none;letter-spacing:-.01em}
.top nav{display:flex;gap:16px;flex:1}
.top nav a{color:var(--soft);text-decoration:none}.top nav a:hover{text-decoration:underline}
.asof{color:var(--soft);font-size:13px}
.banner{border-bottom:1px solid var(--line)}
.banner .wrap{padding-top:8px;padding-bottom:8px}
.banner strong{font-weight:650}
.banner.simulated{background:repeating-linear-gradient(135deg,var(--warn-bg) 0 14px,var(--card) 14px 28px)}
.banner.simulated span{background:var(--warn-bg);padding:2px 6px;border-radius:4px;box-decoration-break:clone;-webkit-box-decoration-break:clone}
.banner.sick{background:var(--breach-bg);border-left:6px solid var(--breach)}
main.wrap{padding-top:22px;padding-bottom:40px}
.crumbs{color:var(--soft);font-size:13px;margin:0 0 6px}
h1{font-size:22px;line-height:1.25;margin:0 0 8px;letter-spacing:-.015em;overflow-wrap:anywhere;display:flex;flex-wrap:wrap;gap:6px 14px;align-items:center}
h2{font-size:16px;margin:28px 0 10px;letter-spacing:-.01em}
h3{font-size:15px;margin:0 0 4px;overflow-wrap:anywhere}
p{margin:0 0 8px}
.lead{max-width:80ch;margin:0 0 14px}
.soft{color:var(--soft)}
.small{font-size:13px}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 16px;margin:0 0 14px}
.card.flush{padding:0;overflow:hidden}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th{font-weight:500;font-size:13px;color:var(--soft);text-align:left;padding:9px 12px;border-bottom:1px solid var(--line);white-space:nowrap}
td{padding:10px 12px;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
tbody tr:last-child td{border-bottom:0}
.num{text-align:right;white-space:nowrap}
td.nowrap,.nowrap{white-space:nowrap}
.name{font-weight:600;overflow-wrap:normal}
.verdict{display:inline-flex;align-items:center;gap:6px;padding:1px 9px 1px 7px;border-radius:99px;font-weight:550;font-size:13px;line-height:1.6;white-space:nowrap}
.mark{width:14px;height:14px;flex:none}
.t-ok{color:var(--ok);background:var(--ok-bg)}.t-warn{color:var(--warn);background:var(--warn-bg)}.t-breach{color:var(--breach);background:var(--breach-bg)}
.t-error{color:var(--error);background:var(--error-bg)}.t-unknown{color:var(--unknown);background:var(--unknown-bg)}.t-busy{color:var(--busy);background:var(--busy-bg)}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(210px,1fr));gap:12px 24px;margin:0}
.facts dt{color:var(--soft);font-size:13px}.facts dd{margin:0;overflow-wrap:anywhere}
.totals{display:flex;flex-wrap:wrap;gap:6px 14px;margin:0 0 14px;padding:0;list-style:none}
code,pre{font:13px/1.5 ui-monospace,"SF Mono","DejaVu Sans Mono",Menlo,monospace}
code{overflow-wrap:anywhere}
pre{background:var(--unknown-bg);border-radius:6px;padding:8px 10px;margin:6px 0;white-space:pre-wrap;overflow-wrap:anywhere}
details>summary{cursor:pointer;color:var(--soft);font-size:13px}
.totals li{display:inline-flex;align-items:center;gap:6px}
figure{margin:0}
figcaption{color:var(--soft);font-size:13px;margin:0 0 2px}
.reason{max-width:38ch}
.feature{display:grid;grid-template-columns:minmax(200px,1fr) minmax(0,2fr) minmax(0,2fr);gap:10px 22px}
.words p{font-size:14px}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:14px}.pairs .card{margin:0}
.dense td{padding:6px 12px}
.numbers th,.numbers td{padding:3px 8px;font-size:13px;border-bottom:1px solid var(--grid)}
.steps{list-style:none;margin:0;padding:0}
.steps li{display:grid;grid-template-columns:170px 180px 1fr;gap:2px 14px;padding:8px 0;border-bottom:1px solid var(--grid)}
.steps li:last-child{border-bottom:0}
footer{color:var(--soft);font-size:13px;padding:0 0 30px}
.narrow{display:none}
svg.chart{display:block;width:100%;height:auto;overflow:visible}
svg text{font:11px Inter,system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--soft)}
svg .grid{stroke:var(--grid)}svg .base{stroke:var(--baseline)}
svg rect.baseline{fill:var(--baseline)}svg path.window{fill:none;stroke:var(--window);stroke-width:2;stroke-linejoin:round}
svg .hit{fill:transparent}
svg rect.noise,svg path.noise{fill:var(--noise)}svg path.value{fill:none;stroke:var(--window);stroke-width:1.8;stroke-linejoin:round}
svg path.other{fill:none;stroke:var(--soft);stroke-width:1.2;stroke-linejoin:round}svg .other-name{fill:var(--text);paint-order:stroke;stroke:var(--card);stroke-width:3px}
svg .limit,svg .limit-mark{stroke-width:1.4}
svg .limit.warn,svg .limit-mark.warn{stroke:var(--warn);stroke-dasharray:6 4}svg .end.warn{fill:var(--warn)}
svg .limit.breach,svg .limit-mark.breach{stroke:var(--breach);stroke-dasharray:1.5 3}svg .end.breach{fill:var(--breach)}
svg .limit-mark.warn{stroke-dasharray:4 3}
svg .end.value{fill:var(--text);font-weight:650;font-size:12px}
svg .hatch{stroke:var(--unknown);stroke-width:1.2;opacity:.55}
svg .event line,svg .event path{stroke:var(--text);stroke-width:1}svg .event path{fill:var(--text)}svg .event text{fill:var(--text);paint-order:stroke;stroke:var(--card);stroke-width:3px}
svg .track{stroke:var(--line);stroke-width:2}svg .bounds{stroke:currentColor;stroke-width:3;opacity:.35}svg .beyond{fill:none;stroke:currentColor;stroke-width:1.6}
svg .lane-name{font-weight:600;fill:var(--text);font-size:12px}
.s-ok{fill:var(--ok)}.s-warn{fill:var(--warn)}.s-breach{fill:var(--breach)}.s-error{fill:var(--error)}
.s-unknown{fill:none;stroke:var(--unknown);stroke-width:1.5}.s-unknown.dashed{stroke-dasharray:2.2 1.8}.s-half{fill:var(--unknown)}.s-busy{fill:var(--busy)}
.b-ok{fill:var(--ok);opacity:.75}.b-warn{fill:var(--warn)}.b-breach{fill:var(--breach)}
.b-error{stroke:var(--error)}.b-stale,.b-no_data,.b-insufficient{stroke:var(--unknown)}
.bullet{width:150px;margin-top:2px}
@media (max-width:860px){.feature{grid-template-columns:1fr}}
@media (max-width:700px){svg text,svg .end.value{font-size:12.5px}.card{padding-left:12px;padding-right:12px}.card.flush{padding:0}}
@media (max-width:700px){
.wrap{padding:0 14px}main.wrap{padding-top:16px}
.wide{display:none}.narrow{display:block}
table.stack,table.stack tbody{display:block}table.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.stack tr{display:block;padding:10px 14px;border-bottom:1px solid var(--line)}table.stack tbody tr:last-child{border-bottom:0}
table.stack td{display:grid;grid-template-columns:108px minmax(0,1fr);gap:0 10px;padding:3px 0;border:0;text-align:left;white-space:normal}
table.stack td::before{content:attr(data-label);color:var(--soft);font-size:13px;line-height:1.7}
table.stack td.none{display:none}
.steps li{grid-template-columns:1fr}
.facts{grid-template-columns:repeat(auto-fill,minmax(150px,1fr))}
}
`;
