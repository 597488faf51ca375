namespace ChineseClip.Client;

/// <summary>A picture that is being downloaded; dispose it to free the connection.</summary>
public sealed class DownloadedPicture : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;

    internal DownloadedPicture(HttpResponseMessage response, Stream content)
    {
        _response = response;
        Content = content;
    }

    /// <summary>The encoded file, read from the connection as it is consumed.</summary>
    public Stream Content { get; }

    /// <summary>Its media type, such as <c>image/png</c>.</summary>
    public string? ContentType => _response.Content.Headers.ContentType?.MediaType;

    /// <summary>Its size, when the server told.</summary>
    public long? ContentBytes => _response.Content.Headers.ContentLength;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Content.DisposeAsync().ConfigureAwait(false);
        _response.Dispose();
    }
}
