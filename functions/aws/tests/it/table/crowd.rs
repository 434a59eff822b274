//! How long the cloud's table port takes to list calls, against MiniStack. `make bench-list` runs
//! it. MiniStack looks at all rows of a partition for each query, which DynamoDB does not: what one
//! such query takes without us is printed beside, and the port may add the limit to it.

use futures_util::{StreamExt as _, stream};
use sightline_aws::{ApiGatewayPush, Cloud, S3Bucket, Without};
use sightline_host::contract::{crowd_agent, crowd_call, export_us, list_times, print_list_times};
use sightline_host::ports::{Committed, Sessions as _};
use sightline_host::{Host, HostConfig, Keys};

use super::dates::text;
use super::{client, table};
use crate::support::{now_us, stack};

const LIMIT_US: u64 = 200_000;

/// How long a request waits for its file.
const EXPORT_US: u64 = 20_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "stores 10,000 calls: `make bench-list`"]
async fn bench_list() {
    let calls = std::env::var("CALLS").map_or(10_000, |calls| calls.parse().unwrap());
    let config = stack().config();
    let pictures = aws_sdk_s3::Client::new(&config);
    let nobody = aws_sdk_apigatewaymanagement::Client::new(&config);
    let cloud = Cloud {
        table: table(),
        sockets: ApiGatewayPush::new(&nobody, &nobody),
        sms: Without,
        objects: S3Bucket::new(pictures, stack().resource("Pictures").to_owned()),
    };
    let config = HostConfig::new("Example", "https://help.example.com");
    let host = Host::new(cloud, config, Keys::from_bytes(&[7; 32]));
    let began_us = now_us();
    let stored = stream::iter(0..calls)
        .map(async |number| {
            let commit = crowd_call(&host, number).await;
            host.ports().table.commit(commit).await
        })
        .buffer_unordered(16);
    let failed = stored.filter(|stored| std::future::ready(*stored != Ok(Committed::Done)));
    assert_eq!(failed.count().await, 0);
    eprintln!(
        "{calls} calls stored in {:.1} s",
        (now_us() - began_us) as f64 / 1e6
    );
    let times = list_times(&host, 20, now_us).await;
    let title = "the table port, MiniStack's own time included";
    let within = print_list_times(title, &times, LIMIT_US);
    let alone_us = newest_alone_us().await;
    eprintln!(
        "within 200 ms: {within}; a query of the newest 50 alone: {:.1} ms",
        alone_us as f64 / 1e3
    );
    let exported_us = export_us(&host, now_us).await;
    eprintln!(
        "an export of 93 days: {:.1} s",
        exported_us as f64 / 1_000_000.0
    );
    assert!(exported_us < EXPORT_US, "a page waits no longer");
    let newest_us = times.first().unwrap().p95_us;
    assert!(
        newest_us <= alone_us + LIMIT_US,
        "{newest_us} beside {alone_us}"
    );
}

/// How long MiniStack takes for the query of an agent's newest calls: the longest of 20.
async fn newest_alone_us() -> u64 {
    let client = client(&stack().endpoint, 3);
    let mut longest_us = 0;
    for _ in 0..20 {
        let began_us = now_us();
        let found = client
            .query()
            .table_name(stack().resource("Table"))
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(format!("a#{}", crowd_agent())))
            .scan_index_forward(false)
            .limit(50)
            .send();
        assert_eq!(found.await.unwrap().count(), 50);
        longest_us = longest_us.max(now_us() - began_us);
    }
    longest_us
}
