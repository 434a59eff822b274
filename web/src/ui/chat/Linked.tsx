import { plain } from "../../i18n/plain";
import { linkify } from "./linkify";

/** What a person wrote, with its addresses as links. */
export function Linked({ text }: { text: string }) {
	return (
		<>
			{linkify(plain(text)).map((piece, index) =>
				piece.href === null ? (
					piece.text
				) : (
					<a key={index} href={piece.href} target="_blank" rel="noopener noreferrer">
						{piece.text}
					</a>
				),
			)}
		</>
	);
}
