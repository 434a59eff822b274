//! The commands of a page about the shared picture.

use sightline_wire::{
    AnnotationCommand, AnnotationHears, AnnotationSays, CaptureTrouble, Done, EventKind, Ink, Line,
    Object, PageHears, PageSays, Passing, Point, PublicFact, Refusal, ScreenshotsCommand,
    ScreenshotsHears, ScreenshotsSays, SessionHears, Stroke, Strokes, Upload, UploadBytes,
};
use tokio::time::{Instant, sleep};

use super::{ANSWER, Broken, PATIENCE, Page};

/// A signed upload.
#[derive(Clone, Debug)]
pub struct Slot {
    pub url: String,
    pub headers: Vec<(String, String)>,
}

impl Page {
    /// Asks for a picture; returns its number. On return its board is open.
    pub async fn capture(&mut self) -> Result<u32, Refusal> {
        let capture = ScreenshotsCommand::Capture;
        let done = self.screenshots(capture).await?;
        self.catch_up(done.head).await;
        let asked = |event: &sightline_wire::Event| {
            matches!(
                event.kind,
                EventKind::Public(PublicFact::CaptureAsked { .. })
            )
        };
        let newest = self.log.iter().rev().find(|event| asked(event));
        Ok(newest.expect("a picture was asked for").seq)
    }

    async fn screenshots(&mut self, command: ScreenshotsCommand) -> Result<Done, Refusal> {
        let says = ScreenshotsSays::Command(command);
        self.command(PageSays::Screenshots(says)).await
    }

    async fn annotation(&mut self, command: AnnotationCommand) -> Result<Done, Refusal> {
        let says = AnnotationSays::Command(command);
        self.command(PageSays::Annotation(says)).await
    }

    /// Asks for a signed upload.
    pub async fn slot(&mut self, upload: Upload, bytes: usize) -> Result<Slot, Refusal> {
        let bytes = UploadBytes::new(u32::try_from(bytes).unwrap()).expect("an allowed length");
        let says = PageSays::Screenshots(ScreenshotsSays::Slot { upload, bytes });
        let wanted = upload;
        let heard = self.question(says, |hears| {
            matches!(hears, PageHears::Screenshots(
                ScreenshotsHears::Slot { upload, .. } | ScreenshotsHears::NoSlot { upload, .. },
            ) if *upload == wanted)
        });
        match heard.await {
            PageHears::Screenshots(ScreenshotsHears::Slot { url, headers, .. }) => {
                Ok(Slot { url, headers })
            }
            other => Err(refusal_of(other)),
        }
    }

    /// Asks for a link to a picture.
    pub async fn link(&mut self, object: Object) -> Result<String, Refusal> {
        let says = PageSays::Screenshots(ScreenshotsSays::View { object });
        let wanted = object;
        let heard = self.question(says, |hears| {
            matches!(hears, PageHears::Screenshots(
                ScreenshotsHears::Link { object, .. } | ScreenshotsHears::NoLink { object, .. },
            ) if *object == wanted)
        });
        match heard.await {
            PageHears::Screenshots(ScreenshotsHears::Link { url, .. }) => Ok(url),
            other => Err(refusal_of(other)),
        }
    }

    /// Reports an uploaded base.
    pub async fn uploaded(&mut self, upload: Upload) -> Result<Done, Refusal> {
        self.screenshots(ScreenshotsCommand::Uploaded { upload })
            .await
    }

    /// Reports that no picture can be taken.
    pub async fn capture_failed(&mut self, picture: u32, attempt: u8) -> Result<Done, Refusal> {
        self.screenshots(ScreenshotsCommand::CaptureFailed {
            picture,
            attempt,
            why: CaptureTrouble::InBackground,
        })
        .await
    }

    /// Reports an uploaded picture with strokes.
    pub async fn send_picture(&mut self, picture: u32, through: u32) -> Result<Done, Refusal> {
        self.screenshots(ScreenshotsCommand::Send {
            picture,
            through,
            base: None,
        })
        .await
    }

    /// Deletes a picture.
    pub async fn delete(&mut self, picture: u32) -> Result<Done, Refusal> {
        self.screenshots(ScreenshotsCommand::Delete { picture })
            .await
    }

    /// Closes a board.
    pub async fn close_board(&mut self, picture: u32) -> Result<Done, Refusal> {
        self.screenshots(ScreenshotsCommand::Close { picture })
            .await
    }

    /// Opens a board of the strip.
    pub async fn open_board(&mut self, picture: u32) -> Result<Done, Refusal> {
        self.screenshots(ScreenshotsCommand::Open { picture }).await
    }

    /// Draws one stroke for each of these marks.
    pub async fn draw(&mut self, picture: u32, marks: &[u32]) -> Result<Done, Refusal> {
        let strokes = Strokes::new(marks.iter().map(|&mark| stroke(mark)).collect()).unwrap();
        self.annotation(AnnotationCommand::Draw { picture, strokes })
            .await
    }

    /// Undoes the page's newest stroke.
    pub async fn undo(&mut self, picture: u32) -> Result<Done, Refusal> {
        self.annotation(AnnotationCommand::Undo { picture }).await
    }

    /// Undoes all strokes of the page's seat.
    pub async fn undo_all(&mut self, picture: u32) -> Result<Done, Refusal> {
        self.annotation(AnnotationCommand::UndoAll { picture })
            .await
    }

    /// Redoes the newest undone stroke.
    pub async fn redo(&mut self, picture: u32) -> Result<Done, Refusal> {
        self.annotation(AnnotationCommand::Redo { picture }).await
    }

    /// Removes all strokes of a board.
    pub async fn clear(&mut self, picture: u32) -> Result<Done, Refusal> {
        self.annotation(AnnotationCommand::Clear { picture }).await
    }

    /// Points at a place.
    pub async fn point(&mut self, picture: u32, at: Point) {
        let passing = pointer(picture, at);
        self.tell(PageSays::Annotation(AnnotationSays::Passing { passing }))
            .await;
    }

    /// Waits for the other pointer at a place.
    pub async fn see_point(&mut self, picture: u32, at: Point) {
        let wanted = PageHears::Annotation(AnnotationHears::Passing {
            passing: pointer(picture, at),
        });
        self.wait_for(|hears| *hears == wanted).await;
    }

    /// Points at a place; returns the refusal.
    pub async fn point_in_vain(&mut self, picture: u32, at: Point) -> Refusal {
        let passing = pointer(picture, at);
        let says = PageSays::Annotation(AnnotationSays::Passing { passing });
        let refused =
            |hears: &PageHears| matches!(hears, PageHears::Session(SessionHears::Refused { .. }));
        refusal_of(self.question(says, refused).await)
    }

    /// Sends a request without a number, over new connections until it is answered.
    async fn question(
        &mut self,
        says: PageSays,
        answers: impl Fn(&PageHears) -> bool,
    ) -> PageHears {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "never answered: {says:?}");
            if self.try_tell(&says).await.is_ok()
                && let Ok(hears) = self.hear_until(Instant::now() + ANSWER, &answers).await
            {
                return hears;
            }
            self.socket = None;
            sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    async fn tell(&mut self, says: PageSays) {
        self.try_tell(&says).await.expect("the connection is open");
    }

    async fn try_tell(&mut self, says: &PageSays) -> Result<(), Broken> {
        self.ensure_attached().await?;
        self.send(says.clone()).await
    }

    async fn wait_for(&mut self, wanted: impl Fn(&PageHears) -> bool) -> PageHears {
        let until = Instant::now() + PATIENCE;
        let heard = self.hear_until(until, &wanted).await;
        heard.expect("it comes on the open connection")
    }

    /// Receives until a wanted message comes, and removes it from `heard`.
    async fn hear_until(
        &mut self,
        until: Instant,
        wanted: &impl Fn(&PageHears) -> bool,
    ) -> Result<PageHears, Broken> {
        loop {
            if let Some(place) = self.heard.iter().position(wanted) {
                return Ok(self.heard.remove(place).expect("it was found there"));
            }
            self.hear(until).await?;
        }
    }
}

/// A stroke of two points, which differ by mark.
fn stroke(mark: u32) -> Stroke {
    let (x, y) = ((mark % 65_536) as u16, (mark / 65_536) as u16);
    let line = Line::new(vec![x, y, 65_535 - x, y]).unwrap();
    let pressure = None;
    Stroke {
        mark,
        ink: Ink::Pen { line, pressure },
    }
}

fn pointer(picture: u32, at: Point) -> Passing {
    Passing::Pointer {
        picture: Some(picture),
        at: Some(at),
    }
}

#[track_caller]
fn refusal_of(hears: PageHears) -> Refusal {
    match hears {
        PageHears::Screenshots(
            ScreenshotsHears::NoSlot { refusal, .. } | ScreenshotsHears::NoLink { refusal, .. },
        )
        | PageHears::Session(SessionHears::Refused { refusal }) => refusal,
        other => panic!("no refusal: {other:?}"),
    }
}
