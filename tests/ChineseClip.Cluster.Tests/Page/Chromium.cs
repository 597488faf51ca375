using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using ChineseClip.Cluster.Tests.Processes;

namespace ChineseClip.Cluster.Tests.Page;

/// <summary>One page in headless Chromium, driven over the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/).</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly TemporaryDirectory _profile = new();
    private readonly ClientWebSocket _socket = new();
    private readonly List<string> _console = [];
    private string? _session;
    private int _lastId;
    private bool _loaded;

    private Chromium(Process process) => _process = process;

    /// <summary>Errors and uncaught exceptions that the page has written to its console.</summary>
    public IReadOnlyList<string> ConsoleErrors => _console;

    public static async Task<Chromium> OpenAsync(Uri address, int width = 1280, int height = 900)
    {
        var program = RequiredProgram.Find("chromium", "chromium-browser", "google-chrome");
        var browser = new Chromium(new Process());
        try
        {
            await browser.StartAsync(program, width, height);
            await browser.NavigateAsync(address);
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }

        return browser;
    }

    /// <summary>Evaluates an expression in the page, awaiting it if it is a promise, and gives back its JSON value.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject
        {
            ["expression"] = expression,
            ["awaitPromise"] = true,
            ["returnByValue"] = true,
        });
        if (answer["exceptionDetails"] is { } exception)
        {
            throw new InvalidOperationException($"The page threw on '{expression}': {exception.ToJsonString()}");
        }

        return answer["result"]?["value"];
    }

    /// <summary>Waits, by the page's own mutation events, until an expression becomes true.</summary>
    public async Task WaitForAsync(string condition)
    {
        var script =
            $$"""
            new Promise((resolve, reject) => {
              const check = () => { if ({{condition}}) { observer.disconnect(); resolve(true); } };
              const observer = new MutationObserver(check);
              observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
              setTimeout(() => { observer.disconnect(); reject(new Error('still false: ' + document.body.innerText.slice(0, 2000))); }, 30000);
              check();
            })
            """;
        await EvaluateAsync(script);
    }

    public async Task<byte[]> ScreenshotAsync() =>
        Convert.FromBase64String((await SendAsync("Page.captureScreenshot", []))["data"]!.GetValue<string>());

    /// <summary>Puts files into a file input, as a person who picks them does.</summary>
    public async Task SetFilesAsync(string selector, params string[] files)
    {
        var document = await SendAsync("DOM.getDocument", []);
        var node = await SendAsync("DOM.querySelector", new JsonObject
        {
            ["nodeId"] = document["root"]!["nodeId"]!.GetValue<int>(),
            ["selector"] = selector,
        });
        await SendAsync("DOM.setFileInputFiles", new JsonObject
        {
            ["files"] = new JsonArray([.. files.Select(file => JsonValue.Create(file))]),
            ["nodeId"] = node["nodeId"]!.GetValue<int>(),
        });
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (_process.StartInfo.FileName.Length > 0 && !_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _profile.Dispose();
    }

    private async Task StartAsync(string program, int width, int height)
    {
        _process.StartInfo = new ProcessStartInfo(program)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0",
                $"--window-size={width},{height}", $"--user-data-dir={_profile.Path}", "about:blank",
            },
        };
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.ErrorDataReceived += (_, line) =>
        {
            const string Marker = "DevTools listening on ";
            if (line.Data is { } text && text.StartsWith(Marker, StringComparison.Ordinal))
            {
                listening.TrySetResult(new Uri(text[Marker.Length..].Trim()));
            }
        };
        _process.Start();
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        using var deadline = new CancellationTokenSource(Timeout);
        await _socket.ConnectAsync(await listening.Task.WaitAsync(deadline.Token), deadline.Token);
    }

    private async Task NavigateAsync(Uri address)
    {
        var target = await SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
        var attached = await SendAsync("Target.attachToTarget", new JsonObject
        {
            ["targetId"] = target["targetId"]!.GetValue<string>(),
            ["flatten"] = true,
        });
        _session = attached["sessionId"]!.GetValue<string>();
        foreach (var domain in new[] { "Page", "Runtime", "Log", "DOM" })
        {
            await SendAsync($"{domain}.enable", []);
        }

        _loaded = false;
        await SendAsync("Page.navigate", new JsonObject { ["url"] = address.ToString() });
        using var deadline = new CancellationTokenSource(Timeout);
        while (!_loaded)
        {
            NoteEvent(await ReceiveAsync(deadline.Token));
        }
    }

    private async Task<JsonNode> SendAsync(string method, JsonObject parameters)
    {
        var id = ++_lastId;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
        {
            message["sessionId"] = _session;
        }

        using var deadline = new CancellationTokenSource(Timeout);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, deadline.Token);
        while (true)
        {
            var received = await ReceiveAsync(deadline.Token);
            if (received["id"]?.GetValue<int>() == id)
            {
                return received["error"] is { } error
                    ? throw new InvalidOperationException($"{method}: {error.ToJsonString()}")
                    : received["result"]!;
            }

            NoteEvent(received);
        }
    }

    private void NoteEvent(JsonNode received)
    {
        var method = received["method"]?.GetValue<string>();
        _loaded |= method == "Page.loadEventFired";
        if (method == "Runtime.exceptionThrown" ||
            (method == "Log.entryAdded" && received["params"]?["entry"]?["level"]?.GetValue<string>() == "error"))
        {
            _console.Add(received["params"]!.ToJsonString());
        }
    }

    private async Task<JsonNode> ReceiveAsync(CancellationToken cancellationToken)
    {
        var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer, cancellationToken);
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return JsonNode.Parse(message.ToArray())!;
            }
        }
    }
}
