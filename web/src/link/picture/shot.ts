// The part of the page behind `shooting.ts`.

export { initialsOf } from "../../ink/colours";
export { stampOf } from "../../ink/stamp";
export { decode, grab, jpeg } from "./photograph";
export { uploadPreview } from "./preview-upload";
export { putOverHttp, upload } from "./upload";
