// Generated from functions/host/openapi.json by openapi-typescript. UPDATE=1 makes it new.

export interface paths {
    "/api/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List agents
         * @description Everybody who signed in during the last year.
         */
        get: operations["listAgents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List calls
         * @description The calls of all agents, the newest first. Filters can be combined.
         */
        get: operations["listCalls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calls/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a call
         * @description What is kept of a call, without its log and its pictures.
         */
        get: operations["getCall"];
        put?: never;
        post?: never;
        /**
         * Erase a call
         * @description For good: log, number, pictures, notes and its line in the list. In the seven days after it a repeated request has the same answer.
         */
        delete: operations["eraseCall"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calls/{id}/case": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Fetch the case file
         * @description Leads to a ZIP file that proves itself. The address in `Location` is valid for five minutes and may be on another host: do not send the key on (curl does not, with `--location`).
         */
        get: operations["getCase"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calls/{id}/notes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write a note
         * @description Its author is the name of the key. A call has at most 50 notes.
         */
        post: operations["addNote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calls/{id}/notes/{n}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Edit a note
         * @description The earlier text stays. A note has at most 50 texts.
         */
        put: operations["editNote"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calls/{id}/pictures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the pictures of a call
         * @description Each address is valid for five minutes. Do not send the key to it.
         */
        get: operations["listPictures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/embed-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign an agent in at the page `/embed`
         * @description Your page says the token to `/embed` in its frame, within 60 seconds and once. Ask for it on your server, for the agent who is signed in there: a person who has the token works as that agent for an hour.
         */
        post: operations["makeEmbedToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Invite a customer
         * @description Begins a call and texts its link to `number`, if there is one. With an `Idempotency-Key` the same request within 24 hours leads to the same call, has a further link and texts nothing.
         */
        post: operations["invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invites/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an invite
         * @description Its links and its code lead nowhere then.
         */
        post: operations["cancelInvite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invites/{id}/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an invite again
         * @description With a new link; earlier ones stay good. How the message fared is in the call's log.
         */
        post: operations["sendInvite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "call.ended": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The call or its invite ended; `reason` says why.
         * @description An admin adds webhooks under Admin, Webhooks. Messages are posted and signed by the rules of Standard Webhooks (standardwebhooks.com): check `webhook-signature` with the secret, and forget a `webhook-id` that you know. A message is sent at least once; those of one call come in order. Answer 2xx within 10 seconds. Other answers, redirects among them, are tried again for a day, first after 5 seconds and at last every 6 hours, or when `Retry-After` says. 410 switches the webhook off. A message has ids and times only: fetch the call for the rest.
         */
        post: operations["call_ended"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "call.joined": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The customer joined the call for the first time.
         * @description An admin adds webhooks under Admin, Webhooks. Messages are posted and signed by the rules of Standard Webhooks (standardwebhooks.com): check `webhook-signature` with the secret, and forget a `webhook-id` that you know. A message is sent at least once; those of one call come in order. Answer 2xx within 10 seconds. Other answers, redirects among them, are tried again for a day, first after 5 seconds and at last every 6 hours, or when `Retry-After` says. 410 switches the webhook off. A message has ids and times only: fetch the call for the rest.
         */
        post: operations["call_joined"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "call.rated": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The agent or the customer rated the call, or rated it again.
         * @description An admin adds webhooks under Admin, Webhooks. Messages are posted and signed by the rules of Standard Webhooks (standardwebhooks.com): check `webhook-signature` with the secret, and forget a `webhook-id` that you know. A message is sent at least once; those of one call come in order. Answer 2xx within 10 seconds. Other answers, redirects among them, are tried again for a day, first after 5 seconds and at last every 6 hours, or when `Retry-After` says. 410 switches the webhook off. A message has ids and times only: fetch the call for the rest.
         */
        post: operations["call_rated"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "case.erased": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The call was erased for good. Its address answers 404.
         * @description An admin adds webhooks under Admin, Webhooks. Messages are posted and signed by the rules of Standard Webhooks (standardwebhooks.com): check `webhook-signature` with the secret, and forget a `webhook-id` that you know. A message is sent at least once; those of one call come in order. Answer 2xx within 10 seconds. Other answers, redirects among them, are tried again for a day, first after 5 seconds and at last every 6 hours, or when `Retry-After` says. 410 switches the webhook off. A message has ids and times only: fetch the call for the rest.
         */
        post: operations["case_erased"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "invite.opened": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The customer opened a link for the first time.
         * @description An admin adds webhooks under Admin, Webhooks. Messages are posted and signed by the rules of Standard Webhooks (standardwebhooks.com): check `webhook-signature` with the secret, and forget a `webhook-id` that you know. A message is sent at least once; those of one call come in order. Answer 2xx within 10 seconds. Other answers, redirects among them, are tried again for a day, first after 5 seconds and at last every 6 hours, or when `Retry-After` says. 410 switches the webhook off. A message has ids and times only: fetch the call for the rest.
         */
        post: operations["invite_opened"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "picture.kept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A picture of the call can be fetched.
         * @description An admin adds webhooks under Admin, Webhooks. Messages are posted and signed by the rules of Standard Webhooks (standardwebhooks.com): check `webhook-signature` with the secret, and forget a `webhook-id` that you know. A message is sent at least once; those of one call come in order. Answer 2xx within 10 seconds. Other answers, redirects among them, are tried again for a day, first after 5 seconds and at last every 6 hours, or when `Retry-After` says. 410 switches the webhook off. A message has ids and times only: fetch the call for the rest.
         */
        post: operations["picture_kept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "webhook.test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An admin tries the webhook. It is of no call.
         * @description An admin adds webhooks under Admin, Webhooks. Messages are posted and signed by the rules of Standard Webhooks (standardwebhooks.com): check `webhook-signature` with the secret, and forget a `webhook-id` that you know. A message is sent at least once; those of one call come in order. Answer 2xx within 10 seconds. Other answers, redirects among them, are tried again for a day, first after 5 seconds and at last every 6 hours, or when `Retry-After` says. 410 switches the webhook off. A message has ids and times only: fetch the call for the rest.
         */
        post: operations["webhook_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /** @description An agent. */
        Agent: {
            /** @description The agent's id, as in calls. */
            id: components["schemas"]["AgentId"];
            /** @description The name of the last sign-in. */
            name: components["schemas"]["Name"];
            /** @description The role of the last sign-in. */
            role: components["schemas"]["Role"];
            /**
             * Format: uint64
             * @description When the agent signed in last, epoch milliseconds.
             */
            seen_at_ms: number;
        };
        /** @description The id of an agent: 16 bytes as base64url without padding. */
        AgentId: string;
        /** @description The agents of the deployment, by name. */
        AgentList: {
            /** @description The agents. */
            agents: components["schemas"]["Agent"][];
        };
        /** @description A call. */
        Call: {
            /** @description The agent who has the call. */
            agent?: components["schemas"]["AgentId"];
            /** @description The agent's name. */
            agent_name?: components["schemas"]["Name"];
            /** @description How the agent rated it. */
            agent_stars?: components["schemas"]["Stars"];
            /**
             * Format: uint64
             * @description When it began, epoch milliseconds.
             */
            at_ms: number;
            /** @description The name that the customer gave last in the call. */
            customer_name?: components["schemas"]["Name"];
            /** @description How the customer rated it. */
            customer_stars?: components["schemas"]["Stars"];
            /**
             * Format: uint64
             * @description When it ended, epoch milliseconds.
             */
            ended_at_ms?: number;
            /**
             * Format: uint64
             * @description When its records are deleted, epoch milliseconds. Absent once they are.
             */
            goes_ms?: number;
            /** @description The call's id, from its invite on. */
            id: components["schemas"]["CallId"];
            /**
             * Format: uint64
             * @description When the customer joined, epoch milliseconds.
             */
            joined_at_ms?: number;
            /** @description The invited number. Absent for a call that is reached by a link only. */
            number?: components["schemas"]["PhoneNumber"];
            /** @description How far it got. */
            phase: components["schemas"]["CallPhase"];
            /**
             * Format: uint32
             * @description Pictures that are kept.
             */
            pictures?: number;
            /** @description Why it ended. */
            reason?: components["schemas"]["EndReason"];
            /** @description The agent's reference. */
            reference: components["schemas"]["Reference"];
        };
        /** @description What is kept of a call, without its log and its pictures. */
        CallDetail: {
            /** @description The agent's name. */
            agent_name: components["schemas"]["Name"];
            /**
             * Format: uint64
             * @description When it began, epoch milliseconds.
             */
            at_ms: number;
            /** @description The name that the customer gave last in the call. */
            customer_name?: components["schemas"]["Name"];
            /**
             * Format: uint64
             * @description When chat, notes and ratings are deleted, epoch milliseconds.
             */
            goes_ms: number;
            /** @description The call's id. */
            id: components["schemas"]["CallId"];
            /**
             * Format: uint64
             * @description When its line in the list is deleted, likewise.
             */
            line_goes_ms: number;
            /** @description Where the customer was last, if they allowed it. Only for a key of the scope `case`. */
            location?: components["schemas"]["Location"];
            /** @description The notes. */
            notes: components["schemas"]["Note"][];
            /** @description The invited number. Absent for a call that is reached by a link only. */
            number?: components["schemas"]["PhoneNumber"];
            /** @description How far it got. */
            phase: components["schemas"]["CallPhase"];
            /**
             * Format: uint64
             * @description When its pictures are deleted, likewise.
             */
            pictures_go_ms: number;
            /** @description The ratings that were given. */
            ratings: components["schemas"]["Rating"][];
            /** @description Why it ended. Absent while it runs. */
            reason?: components["schemas"]["EndReason"];
            /** @description The agent's reference. */
            reference: components["schemas"]["Reference"];
        };
        /** @description The id of a call: 16 bytes as base64url without padding. */
        CallId: string;
        /** @description Calls of all agents, the newest first. */
        CallList: {
            /** @description There may be more: ask again with `after` set to this value. An answer may have it and few calls or none, because one answer looks at 1,000 entries at most. */
            after?: string;
            /** @description The calls, at most as many as were asked for. */
            calls: components["schemas"]["Call"][];
        };
        /** @description How far a call got. */
        CallPhase: "waiting" | "live" | "ended";
        /** @description A picture of a call, of which the base or what was sent is stored. */
        CallPicture: {
            /**
             * Format: uint64
             * @description When it was asked for, epoch milliseconds.
             */
            at_ms: number;
            /** @description The address of the base. Absent for a picture that was deleted after it was sent. */
            base?: string;
            /**
             * Format: uint16
             * @description Of the base, pixels.
             */
            height?: number;
            /**
             * Format: uint32
             * @description The number of the event that asked for it.
             */
            picture: number;
            /** @description With strokes, as sent to the chat; oldest first. */
            sent: components["schemas"]["SentPicture"][];
            /** @description Where it comes from. */
            source: components["schemas"]["PictureSource"];
            /**
             * Format: uint16
             * @description Of the base, pixels.
             */
            width?: number;
        };
        /** @description What is stored of the pictures of a call. */
        CallPictures: {
            /** @description In the order in which they were asked for. */
            pictures: components["schemas"]["CallPicture"][];
        };
        /** @description The case file is being made. */
        CaseLater: {
            /**
             * Format: uint32
             * @description How long to wait before the next request, seconds.
             */
            retry_after_s: number;
        };
        /** @description 1 to 1,000 characters of UTF-16. */
        Comment: string;
        /** @description The origin of a page, as browsers spell it: https, a name and perhaps a port. */
        EmbedOrigin: string;
        /** @description A token that signs an agent in at the page `/embed`, once, within 60 seconds. */
        EmbedToken: string;
        /** @description A token for the page `/embed`. */
        EmbedTokenMade: {
            /**
             * Format: uint64
             * @description When it expires, epoch milliseconds.
             */
            expires_at_ms: number;
            /** @description What the page that holds `/embed` says to it. It is good once. */
            token: components["schemas"]["EmbedToken"];
        };
        /** @description Why a session ended. */
        EndReason: "agent_ended" | "customer_ended" | "invite_cancelled" | "invite_expired" | "nobody_heard" | "too_long";
        /** @description The call is erased. Names what stays of it elsewhere. */
        Erased: {
            /**
             * Format: uint32
             * @description Days for which it can be restored from backups. Absent where the operator of the machine makes them.
             */
            backup_days?: number;
            /** @description The call's id. */
            id: components["schemas"]["CallId"];
            /**
             * Format: uint32
             * @description Days for which logs have the line that says who erased it and when. Absent where the operator of the machine keeps the logs.
             */
            log_days?: number;
            /**
             * Format: uint32
             * @description Days for which the id stays, and refuses what comes late.
             */
            tombstone_days: number;
        };
        /** @description Invites a customer. */
        Invite: {
            /** @description The agent who has the call: the identity provider's subject of somebody who has signed in. Without it, the first who opens `console` takes the call. Left out on a desk, whose one agent has every call. */
            agent?: string;
            /** @description Sends to a number that a text message hardly reaches, too. */
            confirm?: boolean;
            /** @description The language of the text message; `en` without it. */
            language?: components["schemas"]["Language"];
            /** @description The number that receives the link as a text message, as typed. Without it nothing is sent. */
            number?: string;
            /** @description The agent's reference. */
            reference: components["schemas"]["Reference"];
            /** @description The country of a number without one: two letters of ISO 3166-1. */
            region?: string;
        };
        /** @description A customer is invited. */
        Invited: {
            /** @description The short spelling of the link, for a phone that opens none. Absent once it is void. */
            code?: string;
            /** @description The address that the agent opens to take the call. */
            console: string;
            /** @description The call's id. */
            id: components["schemas"]["CallId"];
            /** @description A link for the customer. A person who has it may take the customer's place. */
            link: string;
        };
        /** @description A language tag (BCP 47). */
        Language: string;
        /** @description Where the customer's phone said that it was (WGS 84). */
        Location: {
            /**
             * Format: uint32
             * @description The phone was within so many metres of it, by its own judgement.
             */
            accuracy_m: number;
            /**
             * Format: uint64
             * @description When it was told, epoch milliseconds.
             */
            at_ms: number;
            /**
             * Format: double
             * @description Degrees north, with five places.
             */
            latitude: number;
            /**
             * Format: double
             * @description Degrees east, with five places.
             */
            longitude: number;
        };
        /** @description What happened, as a webhook's message says it. */
        MessageKind: "invite.opened" | "call.joined" | "call.ended" | "picture.kept" | "call.rated" | "case.erased" | "webhook.test";
        /** @description A name in one line, 1 to 40 characters of UTF-16. */
        Name: string;
        /** @description A note. */
        Note: {
            /**
             * Format: uint8
             * @description Its number, from 1.
             */
            n: number;
            /** @description What it said and says, the newest text last. Never empty. */
            texts: components["schemas"]["NoteVersion"][];
        };
        /** @description 1 to 4,000 characters of UTF-16. Line breaks and tabs are the only control characters. */
        NoteText: string;
        /** @description What a note says since a time. */
        NoteVersion: {
            /**
             * Format: uint64
             * @description When, epoch milliseconds.
             */
            at_ms: number;
            /** @description Who wrote it. */
            author: components["schemas"]["Name"];
            /** @description The text. */
            text: components["schemas"]["NoteText"];
        };
        /** @description All notes of a call, in the order of their beginning. */
        Notes: {
            /** @description The notes. */
            notes: components["schemas"]["Note"][];
        };
        /** @description Why what was typed is no telephone number. */
        NumberFault: "letters" | "extension" | "signs" | "short" | "long" | "country" | "digits";
        /** @description The kind of a number, as the numbering plans assign it. */
        NumberKind: "mobile" | "fixed_line" | "fixed_line_or_mobile" | "voip" | "toll_free" | "premium_rate" | "shared_cost" | "personal" | "pager" | "company_wide" | "voicemail" | "unassigned";
        /** @description A number, and what the numbering plans say about it. */
        NumberRead: {
            /** @description The same as its country writes it, such as `+47 470 75 955`. */
            formatted: string;
            /** @description Its kind. */
            kind: components["schemas"]["NumberKind"];
            /** @description The number in E.164 form. */
            number: components["schemas"]["PhoneNumber"];
            /** @description Its country: two letters of ISO 3166-1. Numbers of no country (satellites, international services) have none. */
            region?: string;
        };
        /** @description How the server reads a number. */
        NumberReading: {
            /** @description The same as its country writes it, such as `+47 470 75 955`. */
            formatted: string;
            /** @description Its kind. */
            kind: components["schemas"]["NumberKind"];
            /** @description The number in E.164 form. */
            number: components["schemas"]["PhoneNumber"];
            /** @description The other number that was perhaps meant: it has the same digits, with the first ones as the country code. */
            other?: components["schemas"]["NumberRead"];
            /** @description Its country: two letters of ISO 3166-1. Numbers of no country (satellites, international services) have none. */
            region?: string;
            /** @description Whether it receives text messages. */
            texting: components["schemas"]["Texting"];
        };
        /** @description A telephone number in E.164 form. */
        PhoneNumber: string;
        /** @description Where a picture comes from. */
        PictureSource: "camera" | "gallery";
        /** @description An error (RFC 9457, `application/problem+json`). Programs decide by `code`. */
        Problem: {
            /** @description What went wrong. Codes are added, and none changes its meaning. */
            code: components["schemas"]["ProblemCode"];
            /** @description What is wrong with this request. */
            detail?: string;
            /** @description With `number_unlikely`: how the number is read. */
            reading?: components["schemas"]["NumberReading"];
            /**
             * Format: uint16
             * @description The status of the answer.
             */
            status: number;
            /** @description What the code means, in English. */
            title: string;
            /** @description The address at which the code is explained. */
            type: string;
            /**
             * Format: uint32
             * @description With `too_soon`: how long to wait, milliseconds.
             */
            wait_ms?: number;
            /** @description With `bad_number`: why it is not a telephone number. */
            why?: components["schemas"]["NumberFault"];
        };
        /** @description The code of a problem. */
        ProblemCode: "malformed" | "no_key" | "no_scope" | "not_found" | "no_method" | "call_running" | "still_running" | "too_soon" | "already_joined" | "invite_over" | "limit_reached" | "refused" | "too_long" | "invalid" | "bad_number" | "number_unlikely" | "unknown_language" | "unknown_agent" | "unknown_origin" | "key_reused" | "too_often" | "trouble";
        /** @description A rating of one seat. */
        Rating: {
            /**
             * Format: uint64
             * @description When it was given last, epoch milliseconds.
             */
            at_ms: number;
            /** @description What the person says about it. */
            comment?: components["schemas"]["Comment"];
            /** @description Whose. */
            seat: components["schemas"]["Seat"];
            /** @description The stars. */
            stars: components["schemas"]["Stars"];
        };
        /** @description The agent's reference, 8 to 20 characters of UTF-16 without control characters. */
        Reference: string;
        /** @description The role of a signed-in person. */
        Role: "agent" | "admin";
        /** @description A seat of a session. */
        Seat: "agent" | "customer";
        /** @description Sends the invite again. */
        SendInvite: {
            /** @description Sends to a number that a text message hardly reaches, too. */
            confirm?: boolean;
        };
        /** @description A picture with strokes, as sent to the chat. */
        SentPicture: {
            /**
             * Format: uint32
             * @description The event up to which strokes are in it.
             */
            through: number;
            /** @description Its address. */
            url: string;
        };
        /** @description 1 to 5 stars. */
        Stars: number;
        /** @description Whether a number receives text messages. */
        Texting: "usual" | "unassigned" | "fixed_line" | "no_telephone" | "two_readings" | "kind_refused" | "region_refused";
        /** @description Asks for a token that signs an agent in at the page `/embed`. */
        WantedEmbedToken: {
            /** @description The agent: the identity provider's subject of somebody who has signed in. Left out on a desk, which has one agent. */
            agent?: string;
            /** @description The origin of the page that holds `/embed`. The deployment must allow it. */
            origin: components["schemas"]["EmbedOrigin"];
        };
        /** @description What a webhook receives. */
        WebhookMessage: {
            /** @description Of which call. */
            data: components["schemas"]["WebhookMessageData"];
            /** @description When it happened, as ISO 8601 has it, in UTC. */
            timestamp: string;
            /** @description What happened. */
            type: components["schemas"]["MessageKind"];
        };
        /** @description The call of a message. There is nothing personal in it: fetch the call for that. */
        WebhookMessageData: {
            /**
             * Format: uint64
             * @description When it happened, epoch milliseconds.
             */
            at_ms: number;
            /** @description The call's id. Absent in a test. */
            call?: components["schemas"]["CallId"];
            /** @description Why the call ended. */
            reason?: components["schemas"]["EndReason"];
            /** @description Where the call can be fetched with a key. Absent in a test. */
            url?: string;
        };
        /** @description A text of a note. */
        WriteNote: {
            /** @description The text. */
            text: components["schemas"]["NoteText"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listAgents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The agents. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentList"];
                };
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listCalls: {
        parameters: {
            query?: {
                /** @description The most calls in the answer. */
                limit?: number;
                /** @description Goes on behind an earlier answer: its `after`. */
                after?: string;
                /** @description The beginning of the reference or of words of the customer's name, or the last four digits of the number. */
                search?: string;
                /** @description Calls of this agent. */
                agent?: string;
                /** @description Calls that began on this day, 1970-01-01 or later. */
                day?: string;
                /** @description Calls that began within the last so many days. */
                days?: number;
                /** @description Where the day begins: minutes east of UTC. */
                zone?: number;
                /** @description Calls that ended for this reason. */
                reason?: "agent_ended" | "customer_ended" | "invite_cancelled" | "invite_expired" | "nobody_heard" | "too_long";
                /** @description Calls that either side rated with so many stars. */
                rating?: number;
                /** @description Calls of which pictures are kept. */
                pictures?: boolean;
                /** @description Calls of which something is deleted within so many days. */
                goes?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of the list. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallList"];
                };
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid`: A field or a parameter is missing, unknown, or has a value that it cannot have. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the call. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The call. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallDetail"];
                };
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is no such route, or nothing with this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    eraseCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the call. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The call is erased. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erased"];
                };
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is no such route, or nothing with this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `call_running`: The call has not ended. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the call. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file is being made: ask again after `Retry-After` seconds. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseLater"];
                };
            };
            /** @description `Location` is the address of the file. */
            303: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is no such route, or nothing with this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `call_running`: The call has not ended. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addNote: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the call. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WriteNote"];
            };
        };
        responses: {
            /** @description All notes of the call. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notes"];
                };
            };
            /** @description `malformed`: The body is not JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is no such route, or nothing with this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `limit_reached`: A limit of the call is reached. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_long`: The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid`: A field or a parameter is missing, unknown, or has a value that it cannot have. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    editNote: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the call. */
                id: string;
                /** @description The number of the note, from 1. */
                n: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WriteNote"];
            };
        };
        responses: {
            /** @description All notes of the call. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notes"];
                };
            };
            /** @description `malformed`: The body is not JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is no such route, or nothing with this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `limit_reached`: A limit of the call is reached. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_long`: The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid`: A field or a parameter is missing, unknown, or has a value that it cannot have. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPictures: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the call. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is stored of the pictures. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallPictures"];
                };
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is no such route, or nothing with this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    makeEmbedToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WantedEmbedToken"];
            };
        };
        responses: {
            /** @description The token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmbedTokenMade"];
                };
            };
            /** @description `malformed`: The body is not JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_long`: The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid`: A field or a parameter is missing, unknown, or has a value that it cannot have. `unknown_agent`: The agent is missing or unknown, or must not be named here. `unknown_origin`: This deployment does not allow pages of this origin to hold the agent's page. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    invite: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names the request, so that it can be repeated. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Invite"];
            };
        };
        responses: {
            /** @description The customer is invited. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invited"];
                };
            };
            /** @description `malformed`: The body is not JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `still_running`: The first request with this `Idempotency-Key` is still running. `invite_over`: The invite was cancelled or has expired, or the call has ended. `limit_reached`: A limit of the call is reached. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_long`: The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid`: A field or a parameter is missing, unknown, or has a value that it cannot have. `bad_number`: It is not a possible telephone number: `why` says why. `number_unlikely`: A text message hardly reaches this number: `reading` says how it is read, and `confirm` sends it. `unknown_language`: There is no text message in this language. `unknown_agent`: The agent is missing or unknown, or must not be named here. `key_reused`: This `Idempotency-Key` came with another body. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelInvite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the call. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is no such route, or nothing with this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `already_joined`: The customer has joined. `invite_over`: The invite was cancelled or has expired, or the call has ended. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sendInvite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the call. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendInvite"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `malformed`: The body is not JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_key`: The request has no valid key: send `Authorization: Bearer slk_...`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `no_scope`: The key lacks the scope of this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is no such route, or nothing with this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_soon`: The text message before was sent a moment ago. `already_joined`: The customer has joined. `invite_over`: The invite was cancelled or has expired, or the call has ended. `limit_reached`: A limit of the call is reached. `refused`: The call does not allow it in its present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_long`: The body is too long. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid`: A field or a parameter is missing, unknown, or has a value that it cannot have. `number_unlikely`: A text message hardly reaches this number: `reading` says how it is read, and `confirm` sends it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_often`: Too many requests: wait as long as `Retry-After` says. */
            429: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `trouble`: The server failed. The same request may succeed later. */
            503: {
                headers: {
                    /** @description Seconds to wait before the next request. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    call_ended: {
        parameters: {
            query?: never;
            header: {
                /** @description Names the message; the same in every attempt. */
                "webhook-id": string;
                /** @description When this attempt was signed, epoch seconds. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature; two of them, with a space between, while a secret is changed. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The receiver took it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    call_joined: {
        parameters: {
            query?: never;
            header: {
                /** @description Names the message; the same in every attempt. */
                "webhook-id": string;
                /** @description When this attempt was signed, epoch seconds. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature; two of them, with a space between, while a secret is changed. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The receiver took it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    call_rated: {
        parameters: {
            query?: never;
            header: {
                /** @description Names the message; the same in every attempt. */
                "webhook-id": string;
                /** @description When this attempt was signed, epoch seconds. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature; two of them, with a space between, while a secret is changed. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The receiver took it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    case_erased: {
        parameters: {
            query?: never;
            header: {
                /** @description Names the message; the same in every attempt. */
                "webhook-id": string;
                /** @description When this attempt was signed, epoch seconds. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature; two of them, with a space between, while a secret is changed. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The receiver took it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    invite_opened: {
        parameters: {
            query?: never;
            header: {
                /** @description Names the message; the same in every attempt. */
                "webhook-id": string;
                /** @description When this attempt was signed, epoch seconds. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature; two of them, with a space between, while a secret is changed. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The receiver took it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    picture_kept: {
        parameters: {
            query?: never;
            header: {
                /** @description Names the message; the same in every attempt. */
                "webhook-id": string;
                /** @description When this attempt was signed, epoch seconds. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature; two of them, with a space between, while a secret is changed. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The receiver took it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    webhook_test: {
        parameters: {
            query?: never;
            header: {
                /** @description Names the message; the same in every attempt. */
                "webhook-id": string;
                /** @description When this attempt was signed, epoch seconds. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature; two of them, with a space between, while a secret is changed. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The receiver took it. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
