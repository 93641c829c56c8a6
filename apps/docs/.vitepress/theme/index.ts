import "./access.css";
import theme from "vitepress/theme-without-fonts";

// The reader's own fonts: nothing to fetch, and none of another host's.
export default theme;
