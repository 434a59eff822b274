import { Button } from "../ui/buttons";
import { Dialog } from "../ui/dialog";
import type { NumberReading } from "../wire/generated";
import { doubtWords, readWords } from "./number-words";
import { w } from "./words";

interface UnlikelyNumberProps {
	reading: NumberReading;
	/** Sends to this number, in E.164 form. */
	onSend: (number: string) => void;
	onClose: () => void;
}

/** Asks again before a message goes to a number that it hardly reaches, or asks which of two. */
export function UnlikelyNumber({ reading, onSend, onClose }: UnlikelyNumberProps) {
	const { other } = reading;
	if (other !== undefined) {
		return (
			<Dialog title={w("unlikely_which")} onClose={onClose}>
				<div class="actions choices">
					{[reading, other].map((read) => (
						<Button key={read.number} onClick={() => onSend(read.number)}>
							{readWords(read)}
						</Button>
					))}
					<Button onClick={onClose}>{w("unlikely_change")}</Button>
				</div>
			</Dialog>
		);
	}
	return (
		<Dialog title={w("unlikely_title")} onClose={onClose}>
			<p>
				<strong>{readWords(reading)}</strong>
			</p>
			<p>{doubtWords(reading)}</p>
			<div class="actions">
				<Button onClick={onClose}>{w("unlikely_change")}</Button>
				<Button kind="primary" onClick={() => onSend(reading.number)}>
					{w("unlikely_send")}
				</Button>
			</div>
		</Dialog>
	);
}
