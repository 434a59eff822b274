// The texts of the page that checks case files, in the languages of the customer's page.

import type { FindingCode } from "./findings";

export type Words = Readonly<
	Record<
		| FindingCode
		| "heading"
		| "what"
		| "private"
		| "choose"
		| "drop"
		| "checking"
		| "unchanged"
		| "by"
		| "unknown_key"
		| "says"
		| "changed_heading"
		| "unreadable"
		| "no_keys"
		| "no_crypto",
		string
	>
>;

export const en: Words = {
	heading: "Check a case file",
	what: "Shows whether a case file is as this deployment made it.",
	private: "The file stays on this device. Nothing is uploaded.",
	choose: "Choose a case file",
	drop: "Or drop it here.",
	checking: "Checking…",
	unchanged: "Unchanged",
	by: "Signed by {deployment} ({business}) at {made}.",
	unknown_key: "Unchanged, signed by a key that is not known here: {fingerprint}",
	says: "It says of itself that it is by {deployment} ({business}) at {made}.",
	changed_heading: "Not as it was made",
	unreadable: "The file cannot be read.",
	no_keys: "The keys of this deployment cannot be fetched. Check that you are online.",
	no_crypto: "This browser cannot check signatures here. Open the page over https.",
	no_zip: "This is no ZIP file, or it was cut off.",
	too_large: "There is more in it than in any case file.",
	compressed: "{name} is compressed: the file was packed again.",
	packing: "Something was changed or added between, before or after the files.",
	bad_name: "{name} is no name in a case file.",
	twice: "{name} is there twice.",
	changed: "{name} was changed.",
	missing: "{name} is missing.",
	added: "{name} was added.",
	order: "The files are in another order.",
	signature: "The signature does not fit.",
	other_key: "It is signed by another key than those of this deployment: {name}",
};

const de: Words = {
	heading: "Fallakte prüfen",
	what: "Zeigt, ob eine Fallakte so ist, wie diese Installation sie erstellt hat.",
	private: "Die Datei bleibt auf diesem Gerät. Nichts wird hochgeladen.",
	choose: "Fallakte wählen",
	drop: "Oder hier ablegen.",
	checking: "Wird geprüft …",
	unchanged: "Unverändert",
	by: "Signiert von {deployment} ({business}) am {made}.",
	unknown_key: "Unverändert, signiert mit einem hier unbekannten Schlüssel: {fingerprint}",
	says: "Sie nennt als Herkunft {deployment} ({business}), {made}.",
	changed_heading: "Nicht so, wie sie erstellt wurde",
	unreadable: "Die Datei ist nicht lesbar.",
	no_keys: "Die Schlüssel dieser Installation sind nicht abrufbar. Bitte prüfen Sie Ihre Verbindung.",
	no_crypto: "Dieser Browser kann hier keine Signaturen prüfen. Öffnen Sie die Seite über https.",
	no_zip: "Das ist keine ZIP-Datei, oder sie ist abgeschnitten.",
	too_large: "Sie enthält mehr als jede Fallakte.",
	compressed: "{name} ist komprimiert: Die Datei wurde neu gepackt.",
	packing: "Zwischen, vor oder nach den Dateien wurde etwas geändert oder ergänzt.",
	bad_name: "{name} ist kein Name in einer Fallakte.",
	twice: "{name} ist doppelt vorhanden.",
	changed: "{name} wurde geändert.",
	missing: "{name} fehlt.",
	added: "{name} wurde hinzugefügt.",
	order: "Die Dateien stehen in anderer Reihenfolge.",
	signature: "Die Signatur passt nicht.",
	other_key: "Signiert mit einem anderen Schlüssel als denen dieser Installation: {name}",
};

const es: Words = {
	heading: "Comprobar un expediente",
	what: "Muestra si un expediente está tal como lo creó este sistema.",
	private: "El archivo no sale de este dispositivo. No se sube nada.",
	choose: "Elegir un expediente",
	drop: "O suéltelo aquí.",
	checking: "Comprobando…",
	unchanged: "Sin cambios",
	by: "Firmado por {deployment} ({business}) el {made}.",
	unknown_key: "Sin cambios, firmado con una clave desconocida aquí: {fingerprint}",
	says: "Dice ser de {deployment} ({business}), {made}.",
	changed_heading: "No está como se creó",
	unreadable: "No se puede leer el archivo.",
	no_keys: "No se pueden obtener las claves de este sistema. Compruebe su conexión.",
	no_crypto: "Este navegador no puede comprobar firmas aquí. Abra la página con https.",
	no_zip: "No es un archivo ZIP o está cortado.",
	too_large: "Contiene más que cualquier expediente.",
	compressed: "{name} está comprimido: el archivo se volvió a empaquetar.",
	packing: "Se cambió o añadió algo entre, antes o después de los archivos.",
	bad_name: "{name} no es un nombre de un expediente.",
	twice: "{name} aparece dos veces.",
	changed: "{name} fue modificado.",
	missing: "Falta {name}.",
	added: "{name} fue añadido.",
	order: "Los archivos están en otro orden.",
	signature: "La firma no coincide.",
	other_key: "Firmado con una clave distinta de las de este sistema: {name}",
};

const fr: Words = {
	heading: "Vérifier un dossier",
	what: "Indique si un dossier est tel que ce système l’a créé.",
	private: "Le fichier reste sur cet appareil. Rien n’est envoyé.",
	choose: "Choisir un dossier",
	drop: "Ou déposez-le ici.",
	checking: "Vérification…",
	unchanged: "Inchangé",
	by: "Signé par {deployment} ({business}) le {made}.",
	unknown_key: "Inchangé, signé par une clé inconnue ici : {fingerprint}",
	says: "Il indique comme origine {deployment} ({business}), {made}.",
	changed_heading: "Différent de l’original",
	unreadable: "Le fichier est illisible.",
	no_keys: "Impossible d’obtenir les clés de ce système. Vérifiez votre connexion.",
	no_crypto: "Ce navigateur ne peut pas vérifier de signature ici. Ouvrez la page en https.",
	no_zip: "Ce n’est pas un fichier ZIP, ou il est tronqué.",
	too_large: "Il contient plus que tout dossier.",
	compressed: "{name} est compressé : le fichier a été réemballé.",
	packing: "Quelque chose a été modifié ou ajouté entre, avant ou après les fichiers.",
	bad_name: "{name} n’est pas un nom de dossier.",
	twice: "{name} est présent deux fois.",
	changed: "{name} a été modifié.",
	missing: "{name} manque.",
	added: "{name} a été ajouté.",
	order: "Les fichiers sont dans un autre ordre.",
	signature: "La signature ne correspond pas.",
	other_key: "Signé par une autre clé que celles de ce système : {name}",
};

const it: Words = {
	heading: "Verifica un fascicolo",
	what: "Mostra se un fascicolo è come questo sistema lo ha creato.",
	private: "Il file resta su questo dispositivo. Nulla viene caricato.",
	choose: "Scegli un fascicolo",
	drop: "Oppure trascinalo qui.",
	checking: "Verifica in corso…",
	unchanged: "Invariato",
	by: "Firmato da {deployment} ({business}) il {made}.",
	unknown_key: "Invariato, firmato con una chiave sconosciuta qui: {fingerprint}",
	says: "Dichiara di provenire da {deployment} ({business}), {made}.",
	changed_heading: "Non è come è stato creato",
	unreadable: "Il file non è leggibile.",
	no_keys: "Impossibile ottenere le chiavi di questo sistema. Controlla la connessione.",
	no_crypto: "Questo browser non può verificare firme qui. Apri la pagina con https.",
	no_zip: "Non è un file ZIP, o è troncato.",
	too_large: "Contiene più di qualsiasi fascicolo.",
	compressed: "{name} è compresso: il file è stato ricreato.",
	packing: "Qualcosa è stato modificato o aggiunto tra, prima o dopo i file.",
	bad_name: "{name} non è un nome di un fascicolo.",
	twice: "{name} è presente due volte.",
	changed: "{name} è stato modificato.",
	missing: "Manca {name}.",
	added: "{name} è stato aggiunto.",
	order: "I file sono in un altro ordine.",
	signature: "La firma non corrisponde.",
	other_key: "Firmato con una chiave diversa da quelle di questo sistema: {name}",
};

const pt: Words = {
	heading: "Verificar um dossiê",
	what: "Mostra se um dossiê está como este sistema o criou.",
	private: "O ficheiro fica neste dispositivo. Nada é enviado.",
	choose: "Escolher um dossiê",
	drop: "Ou largue-o aqui.",
	checking: "A verificar…",
	unchanged: "Inalterado",
	by: "Assinado por {deployment} ({business}) em {made}.",
	unknown_key: "Inalterado, assinado com uma chave desconhecida aqui: {fingerprint}",
	says: "Indica como origem {deployment} ({business}), {made}.",
	changed_heading: "Não está como foi criado",
	unreadable: "Não é possível ler o ficheiro.",
	no_keys: "Não é possível obter as chaves deste sistema. Verifique a sua ligação.",
	no_crypto: "Este navegador não consegue verificar assinaturas aqui. Abra a página com https.",
	no_zip: "Não é um ficheiro ZIP, ou está cortado.",
	too_large: "Contém mais do que qualquer dossiê.",
	compressed: "{name} está comprimido: o ficheiro foi empacotado de novo.",
	packing: "Algo foi alterado ou acrescentado entre, antes ou depois dos ficheiros.",
	bad_name: "{name} não é um nome de um dossiê.",
	twice: "{name} aparece duas vezes.",
	changed: "{name} foi alterado.",
	missing: "Falta {name}.",
	added: "{name} foi acrescentado.",
	order: "Os ficheiros estão noutra ordem.",
	signature: "A assinatura não corresponde.",
	other_key: "Assinado com uma chave diferente das deste sistema: {name}",
};

const ar: Words = {
	heading: "التحقق من ملف حالة",
	what: "يبيّن هل ملف الحالة كما أنشأه هذا النظام.",
	private: "يبقى الملف على هذا الجهاز. لا يُرفع شيء.",
	choose: "اختيار ملف حالة",
	drop: "أو أفلته هنا.",
	checking: "جارٍ التحقق…",
	unchanged: "لم يتغيّر",
	by: "وقّعه {deployment} ({business}) في {made}.",
	unknown_key: "لم يتغيّر، ووُقّع بمفتاح غير معروف هنا: {fingerprint}",
	says: "يذكر عن نفسه أنه من {deployment} ({business}) في {made}.",
	changed_heading: "ليس كما أُنشئ",
	unreadable: "تعذّرت قراءة الملف.",
	no_keys: "تعذّر جلب مفاتيح هذا النظام. تحقق من اتصالك بالإنترنت.",
	no_crypto: "لا يستطيع هذا المتصفح التحقق من التوقيعات هنا. افتح الصفحة عبر https.",
	no_zip: "هذا ليس ملف ZIP، أو أنه مبتور.",
	too_large: "فيه أكثر مما في أي ملف حالة.",
	compressed: "{name} مضغوط: حُزم الملف من جديد.",
	packing: "تغيّر شيء أو أُضيف بين الملفات أو قبلها أو بعدها.",
	bad_name: "{name} ليس اسمًا في ملف حالة.",
	twice: "{name} موجود مرتين.",
	changed: "تغيّر {name}.",
	missing: "ينقص {name}.",
	added: "أُضيف {name}.",
	order: "الملفات بترتيب آخر.",
	signature: "التوقيع لا يطابق.",
	other_key: "وُقّع بمفتاح غير مفاتيح هذا النظام: {name}",
};

const he: Words = {
	heading: "בדיקת תיק",
	what: "מראה אם התיק הוא כפי שהמערכת הזו יצרה אותו.",
	private: "הקובץ נשאר במכשיר הזה. דבר אינו מועלה.",
	choose: "בחירת תיק",
	drop: "או שחררו אותו כאן.",
	checking: "בבדיקה…",
	unchanged: "לא השתנה",
	by: "נחתם על ידי {deployment} ({business}) ב-{made}.",
	unknown_key: "לא השתנה, נחתם במפתח שאינו מוכר כאן: {fingerprint}",
	says: "כתוב בו שהוא מאת {deployment} ({business}), {made}.",
	changed_heading: "לא כפי שנוצר",
	unreadable: "לא ניתן לקרוא את הקובץ.",
	no_keys: "לא ניתן לקבל את המפתחות של המערכת. בדקו שאתם מחוברים לרשת.",
	no_crypto: "הדפדפן הזה אינו יכול לבדוק חתימות כאן. פתחו את הדף ב-https.",
	no_zip: "זה אינו קובץ ZIP, או שהוא קטוע.",
	too_large: "יש בו יותר מאשר בכל תיק.",
	compressed: "{name} דחוס: הקובץ נארז מחדש.",
	packing: "משהו שונה או נוסף בין הקבצים, לפניהם או אחריהם.",
	bad_name: "{name} אינו שם של קובץ בתיק.",
	twice: "{name} מופיע פעמיים.",
	changed: "{name} השתנה.",
	missing: "{name} חסר.",
	added: "{name} נוסף.",
	order: "הקבצים בסדר אחר.",
	signature: "החתימה אינה מתאימה.",
	other_key: "נחתם במפתח שאינו של המערכת הזו: {name}",
};

export const LANGUAGES: Readonly<Record<string, Words>> = { en, de, es, fr, it, pt, ar, he };

export const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar", "he"]);

/** Returns the first language of `wanted` that the page has, with its texts; otherwise English. */
export function chosen(wanted: readonly string[]): readonly [string, Words] {
	for (const tag of wanted) {
		const language = tag.toLowerCase().split("-")[0] ?? "";
		const words = LANGUAGES[language];
		if (words !== undefined) return [language, words];
	}
	return ["en", en];
}

/** Fills `{name}` in. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
