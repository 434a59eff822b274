//! The business's colour and logo: what pages hear of them, and who changes the logo.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::world::{Answer, Browser, ORIGIN, World};
use crate::{Logo, router};

pub const PNG: &[u8] = include_bytes!("../../samples/png/basn6a08.png");
const JPEG: &[u8] = include_bytes!("../../samples/jpeg/grey.jpg");
const WIDE: &[u8] = include_bytes!("../../samples/png/oi9n2c16.png");

async fn put(person: &mut Browser<'_>, kind: &str, file: &[u8]) -> Answer {
    let request = Request::put("/api/logo")
        .header(header::ORIGIN, ORIGIN)
        .header(header::CONTENT_TYPE, kind);
    let body = Body::from(file.to_vec());
    person.ask(request.body(body).unwrap()).await
}

async fn remove(person: &mut Browser<'_>) -> Answer {
    let request = Request::delete("/api/logo").header(header::ORIGIN, ORIGIN);
    person.ask(request.body(Body::empty()).unwrap()).await
}

/// The logo as anybody loads it: status, headers and bytes.
async fn loaded(world: &World, query: &str) -> (StatusCode, Vec<(String, String)>, Vec<u8>) {
    let request = Request::get(format!("/api/logo{query}"));
    let request = request.body(Body::empty()).unwrap();
    let response = Box::pin(router(world.host.clone()).oneshot(request));
    let response = response.await.unwrap();
    let (head, body) = response.into_parts();
    let lines = head.headers.iter();
    let lines = lines.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (head.status, lines.collect(), bytes.to_vec())
}

async fn seen_by_customer(world: &World) -> Value {
    let secret = world.last_secret();
    let look = world
        .browser()
        .post("/api/look", json!({ "secret": secret }))
        .await;
    assert_eq!(look.status, StatusCode::OK);
    look.body["brand"].clone()
}

#[tokio::test]
async fn without_colour_and_logo_no_page_hears_of_a_brand() {
    let world = World::new();
    let mut agent = world.agent().await;
    agent.start_call(1).await;
    assert_eq!(seen_by_customer(&world).await, Value::Null);
    assert_eq!(agent.get("/api/me").await.body["brand"], Value::Null);
    let settings = agent.get("/api/brand").await;
    assert_eq!(settings.body, json!({ "logo_is_given": false }));
    assert_eq!(loaded(&world, "").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn both_pages_hear_the_shades_of_the_colour() {
    let world = World::with(|config| config.colour = "#fdfd96".parse().ok());
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    let brand = seen_by_customer(&world).await;
    let accent = brand["shades"]["accent"][0].as_str().unwrap();
    assert_eq!(agent.get("/api/me").await.body["brand"], brand);
    let settings = agent.get("/api/brand").await.body;
    assert_eq!(
        (&settings["colour"], &settings["darkened"]),
        (&json!("#fdfd96"), &json!(accent))
    );

    let (mut customer, _) = world.customer().await;
    let seat = customer.get(&format!("/api/sessions/{session}/seat")).await;
    assert_eq!(seat.body["brand"], brand, "after a reload");

    world.advance_s(2 * 60 * 60);
    assert_eq!(
        seen_by_customer(&world).await,
        Value::Null,
        "the link is over, and says only that"
    );
}

#[tokio::test]
async fn an_admin_chooses_a_logo_and_everybody_sees_it_until_it_is_removed() {
    let world = World::new();
    let mut admin = world.agent().await;
    admin.start_call(1).await;
    for (kind, file, size) in [("image/png", PNG, [32, 32]), ("image/jpeg", JPEG, [64, 48])] {
        let chosen = put(&mut admin, kind, file).await;
        assert_eq!(chosen.status, StatusCode::OK, "{chosen:?}");
        let logo = &chosen.body["logo"];
        assert_eq!(
            [&logo["width"], &logo["height"]],
            [&json!(size[0]), &json!(size[1])]
        );
        assert_eq!(seen_by_customer(&world).await["logo"], *logo);
        assert_eq!(admin.get("/api/me").await.body["brand"]["logo"], *logo);

        let digest = logo["digest"].as_str().unwrap();
        let (status, headers, bytes) = loaded(&world, &format!("?v={digest}")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            Logo::accept(&bytes).unwrap().bytes().as_ref(),
            &*bytes,
            "written by us"
        );
        for (name, value) in [
            ("content-type", kind),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "public, max-age=31536000, immutable"),
        ] {
            assert!(
                headers.contains(&(name.to_owned(), value.to_owned())),
                "{name}: {headers:?}"
            );
        }
        for other in [
            "",
            "?v=",
            "?v=0",
            "?v=%ff",
            &format!("?v={}", "0".repeat(64)),
        ] {
            let (status, headers, _) = loaded(&world, other).await;
            let keeps = headers.iter().any(|(_, value)| value.contains("immutable"));
            assert!(status == StatusCode::OK && !keeps, "{other}: {status}");
        }
    }
    for _ in 0..2 {
        assert_eq!(remove(&mut admin).await.status, StatusCode::NO_CONTENT);
        assert_eq!(loaded(&world, "").await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(seen_by_customer(&world).await, Value::Null);

    let log = admin.get("/api/audit").await;
    let deeds = log.body["lines"].as_array().unwrap().iter();
    let deeds: Vec<_> = deeds.map(|line| line["deed"].as_str().unwrap()).collect();
    for deed in ["logo_set", "logo_removed"] {
        assert_eq!(
            deeds.iter().filter(|one| **one == deed).count(),
            2,
            "{deeds:?}"
        );
    }
}

#[tokio::test]
async fn a_file_that_is_no_logo_changes_nothing() {
    let world = World::new();
    let mut admin = world.agent().await;
    assert_eq!(
        put(&mut admin, "image/png", PNG).await.status,
        StatusCode::OK
    );
    let before = loaded(&world, "").await;
    let long = vec![0; sightline_wire::LOGO_BYTES_MAX + 1];
    for (file, why) in [
        (&b"GIF89a"[..], "other_kind"),
        (&PNG[..60], "damaged"),
        (&long, "too_many_bytes"),
        (b"", "other_kind"),
    ] {
        let refused = put(&mut admin, "image/png", file).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        assert_eq!(refused.body, json!({ "error": "bad_logo", "why": why }));
    }
    // A form of another site can send these.
    for kind in [
        "text/plain",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
    ] {
        let refused = put(&mut admin, kind, PNG).await;
        assert_eq!(
            (refused.status.as_u16(), refused.error()),
            (400, "malformed"),
            "{kind}"
        );
    }
    assert_eq!(loaded(&world, "").await, before);
}

#[tokio::test]
async fn a_page_of_another_site_cannot_change_the_logo() {
    let world = World::new();
    let mut admin = world.agent().await;
    let request = Request::put("/api/logo")
        .header(header::ORIGIN, "https://evil.example")
        .header(header::CONTENT_TYPE, "image/png");
    let refused = admin.ask(request.body(Body::from(PNG)).unwrap()).await;
    assert_eq!(refused.error(), "wrong_origin");
    assert_eq!(loaded(&world, "").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_operators_logo_stands_and_no_admin_changes_it() {
    let world = World::with(|config| config.logo = Logo::accept(WIDE).ok());
    let mut admin = world.agent().await;
    let settings = admin.get("/api/brand").await.body;
    assert_eq!(settings["logo_is_given"], true);
    assert_eq!(
        put(&mut admin, "image/png", PNG).await.error(),
        "logo_given"
    );
    assert_eq!(remove(&mut admin).await.error(), "logo_given");
    assert_eq!(admin.get("/api/brand").await.body, settings);
    assert_eq!(
        admin.get("/api/me").await.body["brand"]["logo"],
        settings["logo"]
    );
    assert_eq!(loaded(&world, "").await.0, StatusCode::OK);
}
