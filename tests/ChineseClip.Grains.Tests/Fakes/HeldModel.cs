using System.Collections.Concurrent;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Inference;
using ChineseClip.Model;

namespace ChineseClip.Grains.Tests.Fakes;

/// <summary>A fake model whose text encoder holds every batch while it is told to, and remembers what it was given.</summary>
internal sealed class HeldModel : IEmbeddingModel, IDisposable
{
    private readonly FakeModel _inner = new();
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private readonly TaskCompletionSource _busy = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _reached = new();

    public ModelDescription Description => _inner.Description;

    public ConcurrentQueue<string> Encoded { get; } = new();

    /// <summary>Ends when a batch is held.</summary>
    public Task Busy => _busy.Task;

    public void Hold() => _open.Reset();

    public void Release() => _open.Set();

    /// <summary>Ends when a text has come to the encoder.</summary>
    public Task Reached(string text) => ReachedSource(text).Task;

    public int[] Tokenize(string text)
    {
        ReachedSource(text).TrySetResult();
        return _inner.Tokenize(text);
    }

    public byte[] Prepare(ReadOnlySpan<byte> file, string inputName) => _inner.Prepare(file, inputName);

    public ITextEncoder CreateTextEncoder() => new HeldEncoder(this, _inner.CreateTextEncoder());

    public IImageEncoder CreateImageEncoder() => _inner.CreateImageEncoder();

    public void Dispose()
    {
        _open.Set();
        _open.Dispose();
    }

    private TaskCompletionSource ReachedSource(string text) =>
        _reached.GetOrAdd(text, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private sealed class HeldEncoder(HeldModel model, ITextEncoder inner) : ITextEncoder
    {
        public int Dimension => inner.Dimension;

        public float[] Encode(IReadOnlyList<int[]> tokenIds)
        {
            foreach (int[] ids in tokenIds)
            {
                model.Encoded.Enqueue(string.Concat(ids.Select(id => new System.Text.Rune(id).ToString())));
            }

            if (!model._open.IsSet)
            {
                model._busy.TrySetResult();
                model._open.Wait();
            }

            return inner.Encode(tokenIds);
        }

        public void Dispose() => inner.Dispose();
    }
}
