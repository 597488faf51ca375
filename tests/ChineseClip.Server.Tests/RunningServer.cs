using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ChineseClip.Contracts;
using ChineseClip.Model;
using ChineseClip.Server.Tests;
using Microsoft.AspNetCore.Builder;

[assembly: AssemblyFixture(typeof(RunningServer))]

namespace ChineseClip.Server.Tests;

/// <summary>One real server with all roles on free ports, with the tiny golden model and a folder of pictures.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    public const string Model = "tiny";
    private readonly string _root = Path.Combine(Path.GetTempPath(), "chineseclip-server-" + Path.GetRandomFileName());
    private WebApplication? _application;

    public HttpClient Http { get; } = new();

    public string PictureFolder => Path.Combine(_root, "pictures");

    public string PackageFolder => Path.Combine(_root, "model");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(PictureFolder);
        ModelConverter.Convert(Path.Combine(AppContext.BaseDirectory, "Golden", "tiny-hf", "model.safetensors"), PackageFolder);
        _application = ServerHost.Build(
        [
            "--urls", "http://127.0.0.1:0",
            "--Storage:Directory", Path.Combine(_root, "data"),
            $"--Inference:Models:{Model}", PackageFolder,
            "--Images:AllowedPathRoots", PictureFolder,
            "--Logging:LogLevel:Default", "Warning",
        ]);
        Http.BaseAddress = await ServerHost.StartAsync(_application, Token);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_application is not null)
        {
            await _application.StopAsync(CancellationToken.None);
            await _application.DisposeAsync();
        }

        Directory.Delete(_root, recursive: true);
    }

    /// <summary>Makes a new collection of the tiny model and gives its name.</summary>
    public async Task<string> CreateCollectionAsync(int shards = 2)
    {
        string name = "c" + Guid.NewGuid().ToString("N");
        using HttpResponseMessage response =
            await SendAsync(HttpMethod.Put, $"/v1/collections/{name}", $$"""{"model":"{{Model}}","shards":{{shards}}}""");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return name;
    }

    public string SavePicture(string name, byte[] file)
    {
        string path = Path.Combine(PictureFolder, name);
        File.WriteAllBytes(path, file);
        return path;
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json = null) => Http.SendAsync(
        new HttpRequestMessage(method, path)
        {
            Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"),
        },
        Token);

    /// <summary>Gives the JSON of a successful answer.</summary>
    public async Task<JsonElement> JsonAsync(HttpMethod method, string path, string? json = null)
    {
        using HttpResponseMessage response = await SendAsync(method, path, json);
        string body = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>Gives the problem of a refused request, and checks that it is a proper one.</summary>
    public async Task<Problem> ProblemAsync(HttpMethod method, string path, string? json = null)
    {
        using HttpResponseMessage response = await SendAsync(method, path, json);
        return await ReadProblemAsync(response);
    }

    public static async Task<Problem> ReadProblemAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Problem? problem = await response.Content.ReadFromJsonAsync(ContractsJson.Default.Problem, Token);
        Assert.NotNull(problem);
        Assert.Equal((int)response.StatusCode, problem.Status);
        Assert.False(string.IsNullOrWhiteSpace(problem.Detail));
        Assert.True(problem.TraceId is not null || problem.Code == ErrorCodes.Overloaded);    // a refusal at the door is the same for everybody
        return problem;
    }

    /// <summary>Stores items and requires that every one is.</summary>
    public async Task PutAsync(string collection, string items)
    {
        JsonElement answer = await JsonAsync(
            HttpMethod.Put, $"/v1/collections/{collection}/items", $$"""{"items":{{items}}}""");
        Assert.All(
            answer.GetProperty("results").EnumerateArray(),
            result => Assert.True(result.GetProperty("status").GetString() != "failed", result.ToString()));
    }
}
