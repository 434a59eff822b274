import { expect, test } from "vitest";
import { rearLenses } from "../src/link/media/lenses";

const named = (...labels: string[]) => labels.map((label) => ({ deviceId: label, label }));

test.each([
	[
		"an ultra wide one first",
		["facing back (ultra wide)", "facing back (telephoto)", "facing back", "facing front"],
		"facing back",
	],
	[
		"Android",
		["camera2 3, facing back", "camera2 1, facing front", "camera2 2, facing back", "camera2 0, facing back"],
		"camera2 0, facing back",
	],
	[
		"Firefox on Android",
		[
			"Camera 2, Facing back, Orientation 90",
			"Camera 1, Facing front, Orientation 270",
			"Camera 0, Facing back, Orientation 90",
		],
		null,
	],
	[
		"an iPhone",
		[
			"Front Camera",
			"Back Ultra Wide Camera",
			"Back Triple Camera",
			"Back Dual Wide Camera",
			"Back Telephoto Camera",
			"Back Camera",
		],
		"Back Camera",
	],
	[
		"an iPhone in German",
		["Rückseitige Triple-Kamera", "Rückseitige Ultra-Weitwinkelkamera", "Rückkamera", "Frontkamera"],
		"Rückkamera",
	],
	["a phone with a macro lens", ["Rear macro camera", "Rear depth", "Rear main camera"], "Rear main camera"],
	["numbered lenses", ["Back camera 2", "Back camera 10", "Back camera 1"], "Back camera 1"],
])("the main lens of %s", (_, labels, main) => {
	const lenses = rearLenses(named(...labels));
	expect(lenses[0]).toBe(main ?? labels[2]);
	expect(lenses.some((label) => /front/i.test(label))).toBe(false);
});

test("special lenses come last", () => {
	const labels = ["Back Telephoto Camera", "Back Dual Wide Camera", "Back Camera", "Back Ultra Wide Camera"];
	expect(rearLenses(named(...labels)).slice(0, 2)).toEqual(["Back Camera", "Back Dual Wide Camera"]);
});

// Apple's names of the wide camera and of the double one, in each language, as published in
// PhotoPay's `cameraUtils` (Microblink).
test.each([
	["후면 카메라", "후면 듀얼 와이드 카메라"],
	["後置相機", "後置雙廣角相機"],
	["後置鏡頭", "後置雙廣角鏡頭相機"],
	["后置镜头", "后置双广角镜头"],
	["Задна камера", "Задна двойна широкоъгълна камера"],
	["Camera mặt sau", "Camera kép rộng mặt sau"],
	["Hátsó kamera", "Hátsó, kettős, széles látószögű kamera"],
	["Cámara trasera", "Cámara trasera dual con gran angular"],
	["Kamera på baksidan", "Dubbel vidvinkelkamera på baksidan"],
	["Πίσω κάμερα", "Πίσω διπλή ευρεία κάμερα"],
	["Zadná kamera", "Zadná duálna širokouhlá kamera"],
	["Fotocamera (posteriore)", "Fotocamera doppia con grandangolo (posteriore)"],
	["Câmara traseira", "Câmara grande angular dupla traseira"],
	["Câmera Traseira", "Câmera Dupla Grande-Angular Traseira"],
	["מצלמה אחורית", "מצלמה כפולה רחבה אחורית"],
	["Takakamera", "Laajakulmainen kaksoistakakamera"],
	["Rückkamera", "Rückseitige Dual-Weitwinkelkamera"],
	["Caméra arrière", "Double caméra grand angle arrière"],
	["Zadní fotoaparát", "Zadní duální širokoúhlý fotoaparát"],
	["Артқы камера", "Артқы қос кең бұрышты камера"],
	["Tylny aparat", "Tylny dwuobiektywowy aparat szerokokątny"],
	["बैक कैमरा", "बैक ड्युअल वाइड कैमरा"],
	["Kamera Belakang", "Kamera Lebar Belakang Ganda"],
	["Stražnja kamera", "Stražnja dvostruka široka kamera"],
	["الكاميرا الخلفية", "كاميرا خلفية مزدوجة عريضة"],
	["Càmera posterior", "Càmera dual posterior amb gran angular"],
	["กล้องด้านหลัง", "กล้องคู่ด้านหลังมุมกว้าง"],
	["Cameră spate", "Cameră dublă cu obiectiv superangular spate"],
	["背面カメラ", "背面デュアル広角カメラ"],
	["Задня камера", "Задня здвоєна ширококутна камера"],
	["Задняя камера", "Задняя двойная широкоугольная камера"],
	["Arka Kamera", "Çift Geniş Kamera Arka Yüzü"],
	["Kamera bak", "Dobbelt vidvinkelkamera bak"],
])("%s is the main lens beside %s", (main, double) => {
	expect(rearLenses(named(double, main))).toEqual([main, double]);
});

test("where the browser tells which way a camera faces, its name does not matter", () => {
	const camera = (deviceId: string, ...facingMode: string[]) => ({
		deviceId,
		label: "Camera",
		getCapabilities: () => ({ facingMode }),
	});
	expect(rearLenses([camera("a", "user"), camera("b", "environment"), camera("c", "environment")])).toEqual(["b", "c"]);
});

test("cameras of a computer, and names that say nothing, are no rear lenses", () => {
	const labels = ["", "FaceTime HD Camera", "OBS Virtual Camera", "Logitech BRIO (046d:085e)", "Integrated Camera"];
	expect(rearLenses(named(...labels))).toEqual([]);
});
